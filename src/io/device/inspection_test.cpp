// SPDX-License-Identifier: Apache-2.0
// Machines as their file trees tell them, each made anew in a folder.
#include "io/device/inspection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace openpcc::device {
namespace {

namespace fs = std::filesystem;

class Tree {
  public:
    Tree() {
        std::string name = testing::TempDir() + "openpcc-machine-XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
        file("/proc/self/limits",
             "Limit Soft Limit Hard Limit Units\n"
             "Max locked memory         unlimited            unlimited            bytes     \n");
        file("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        file("/proc/meminfo", "MemTotal: 1 kB\nHugePages_Total:       0\n");
        file("/proc/self/status", "Name:\tx\nUid:\t0\t0\t0\t0\n");
        file("/proc/self/mounts", "proc /proc proc rw 0 0\nsysfs /sys sysfs rw 0 0\n");
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() { fs::remove_all(root_); }

    Tree& file(const std::string& path, const std::string& content = "") {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << content;
        return *this;
    }
    Tree& folder(const std::string& path) {
        fs::create_directories(root_ + path);
        return *this;
    }
    Tree& kernel(const std::string& version) { return file("/proc/sys/kernel/osrelease", version + "\n"); }
    Tree& processor(const std::string& flags) {
        return file("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse2 " + flags + "\nbugs\t\t: none\n");
    }
    Tree& configfs() {
        return file("/proc/self/mounts", "none /sys/kernel/config configfs rw 0 0\n").folder("/sys/kernel/config");
    }
    Tree& pci(const std::string& address, const std::string& device, const std::string& kind) {
        const std::string at = "/sys/bus/pci/devices/" + address;
        return file(at + "/vendor", "0x10de\n").file(at + "/device", device + "\n").file(at + "/class", kind + "\n");
    }

    Machine machine() const { return read_machine(*make_root_files(root_)); }
    Inspection inspection() const { return inspect(machine()); }

  private:
    std::string root_;
};

std::vector<std::string> ids(const Inspection& inspection, Severity severity) {
    std::vector<std::string> out;
    for (const Finding& finding : inspection.findings) {
        if (finding.severity == severity) out.push_back(finding.id);
        EXPECT_FALSE(finding.text.empty());
        EXPECT_TRUE(severity != Severity::kObstacle || !finding.remedy.empty()) << "an obstacle without a remedy";
    }
    return out;
}

void expect_obstacle(const Inspection& inspection, const std::string& id) {
    EXPECT_FALSE(inspection.can_attest());
    EXPECT_THAT(ids(inspection, Severity::kObstacle), testing::ElementsAre(id));
    ASSERT_FALSE(inspection.findings.empty());
    EXPECT_EQ(inspection.findings.front().id, id) << "obstacles come first";
    EXPECT_THAT(inspection.summary(), testing::HasSubstr(inspection.findings.front().text));
}

Tree& tdx(Tree& tree, const std::string& kernel) {
    return tree.kernel(kernel)
        .processor("hypervisor tdx_guest")
        .configfs()
        .folder("/sys/kernel/config/tsm/report")
        .folder("/sys/devices/virtual/misc/tdx_guest")
        .file("/sys/firmware/acpi/tables/data/CCEL", "log");
}

TEST(Inspection, BareMetalIsNoGuest) {
    Tree tree;
    tree.kernel("6.12.9").processor("");
    expect_obstacle(tree.inspection(), "guest.bare_metal");
    tree.file("/sys/module/kvm_intel/parameters/tdx", "Y\n");
    expect_obstacle(tree.inspection(), "guest.host");
    Tree amd;
    amd.kernel("6.12.9").processor("sev_snp").file("/sys/module/kvm_amd/parameters/sev_snp", "Y\n");
    expect_obstacle(amd.inspection(), "guest.host");
    Tree ordinary;
    ordinary.kernel("6.12.9").processor("hypervisor");
    expect_obstacle(ordinary.inspection(), "guest.ordinary");
}

TEST(Inspection, TdxGuestOfLinux68CanAttestWithoutRegisters) {
    Tree tree;
    const auto inspection = tdx(tree, "6.8.0-45-generic").inspection();
    EXPECT_TRUE(inspection.can_attest());
    EXPECT_EQ(inspection.kind, Kind::kTdx);
    EXPECT_EQ(inspection.interface, "configfs-tsm");
    EXPECT_EQ(inspection.summary(), "this machine can attest: a TDX guest, through configfs-tsm");
    EXPECT_THAT(ids(inspection, Severity::kWarning), testing::ElementsAre("registers.kernel"));
}

TEST(Inspection, TdxGuestOfLinux616HasNothingToMend) {
    Tree tree;
    tdx(tree, "6.16.1").file("/sys/devices/virtual/misc/tdx_guest/measurements/rtmr3:sha384");
    const auto machine = tree.machine();
    EXPECT_TRUE(machine.rtmr && machine.ccel && machine.tdx_driver && machine.root);
    EXPECT_EQ(machine.kernel_version, std::pair(6U, 16U));
    const auto inspection = inspect(machine);
    EXPECT_TRUE(inspection.can_attest());
    EXPECT_TRUE(inspection.findings.empty());
    Tree bare;
    tdx(bare, "6.16.1");
    EXPECT_THAT(ids(bare.inspection(), Severity::kWarning), testing::ElementsAre("registers.absent"));
}

TEST(Inspection, TdxGuestWithoutInterfaceIsToldWhatIsMissing) {
    Tree old;
    old.kernel("6.6.30").processor("hypervisor tdx_guest").configfs();
    expect_obstacle(old.inspection(), "interface.kernel");
    Tree unmounted;
    unmounted.kernel("6.8.0").processor("hypervisor tdx_guest");
    expect_obstacle(unmounted.inspection(), "interface.configfs");
    Tree no_driver;
    no_driver.kernel("6.8.0").processor("hypervisor tdx_guest").configfs();
    expect_obstacle(no_driver.inspection(), "interface.driver");
    EXPECT_EQ(no_driver.inspection().findings.front().remedy, "modprobe tdx_guest");
}

TEST(Inspection, SnpGuest) {
    Tree tree;
    tree.kernel("6.12.1")
        .processor("hypervisor")
        .configfs()
        .folder("/sys/kernel/config/tsm/report")
        .file("/dev/sev-guest");
    const auto inspection = tree.inspection();
    EXPECT_TRUE(inspection.can_attest());
    EXPECT_EQ(inspection.kind, Kind::kSnp);
    EXPECT_EQ(inspection.interface, "configfs-tsm");
    EXPECT_TRUE(inspection.findings.empty());
}

TEST(Inspection, SnpGuestWithoutConfigfsFallsBack) {
    Tree tree;
    tree.kernel("6.1.0").processor("hypervisor").file("/dev/sev-guest");
    const auto inspection = tree.inspection();
    EXPECT_TRUE(inspection.can_attest());
    EXPECT_EQ(inspection.interface, "sev-guest");
    EXPECT_THAT(ids(inspection, Severity::kNote), testing::ElementsAre("interface.fallback"));
    Tree no_device;
    no_device.kernel("6.12.1").processor("hypervisor").configfs().folder("/sys/devices/platform/sev-guest");
    expect_obstacle(no_device.inspection(), "interface.driver");
    EXPECT_EQ(no_device.inspection().findings.front().remedy, "modprobe sev_guest");
}

TEST(Inspection, ContainersMayNotSeeTheirGuestsInterface) {
    Tree tree;
    tree.kernel("6.12.1").processor("hypervisor tdx_guest").file("/.dockerenv");
    expect_obstacle(tree.inspection(), "interface.container");
    tree.configfs().folder("/sys/kernel/config/tsm/report");
    EXPECT_TRUE(tree.inspection().can_attest());
}

TEST(Inspection, AzuresVtpmIsNotReadYet) {
    Tree tree;
    tree.kernel("6.8.0-1015-azure")
        .processor("hypervisor")
        .file("/sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n")
        .file("/dev/tpmrm0");
    expect_obstacle(tree.inspection(), "guest.azure");
}

TEST(Inspection, MemoryAndDevicesAreWarnedOf) {
    Tree tree;
    tdx(tree, "6.16.1")
        .file("/sys/devices/virtual/misc/tdx_guest/measurements/rtmr3:sha384")
        .file("/proc/self/limits", "Max locked memory         8388608              8388608              bytes\n")
        .file("/proc/swaps", "Filename\tType\n/swap\tfile\n")
        .file("/proc/meminfo", "HugePages_Total:      16\n")
        .file("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\n")
        .file("/dev/tpm0")
        .pci("0000:17:00.0", "0x2330", "0x030200")
        .pci("0000:18:00.0", "0x1eb8", "0x030200")
        .pci("0000:19:00.0", "0x22a3", "0x068000");
    const auto machine = tree.machine();
    EXPECT_EQ(machine.memory_lock, 8388608U);
    EXPECT_EQ(machine.switches, 1U);
    EXPECT_EQ(machine.gpus,
              (std::vector<Gpu>{{"0000:17:00.0", "10de:2330", "H100 SXM"}, {"0000:18:00.0", "10de:1eb8", ""}}));
    const auto inspection = inspect(machine);
    EXPECT_TRUE(inspection.can_attest());
    EXPECT_THAT(ids(inspection, Severity::kWarning),
                testing::ElementsAre("interface.root", "memory.lock", "memory.swap", "devices.gpu"));
    EXPECT_THAT(ids(inspection, Severity::kNote), testing::ElementsAre("memory.hugepages", "devices.tpm"));
}

TEST(Inspection, AnEmptyTreeIsNoMachineThatCan) {
    const Machine nothing;
    EXPECT_FALSE(inspect(nothing).can_attest());
    std::string name = testing::TempDir() + "openpcc-empty-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    const auto machine = read_machine(*make_root_files(name));
    fs::remove_all(name);
    EXPECT_FALSE(inspect(machine).can_attest());
    EXPECT_EQ(machine.memory_lock, 0U) << "what cannot be read is no permission";
}

}  // namespace
}  // namespace openpcc::device
