// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "wire/json.hpp"

namespace openpcc::admin {
namespace {

namespace fs = std::filesystem;

// A TDX guest of Linux 6.8 with one GPU, as a copied tree.
class InspectCommand : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "openpcc-inspect-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
        file("/proc/sys/kernel/osrelease", "6.8.0\n");
        file("/proc/cpuinfo", "flags : hypervisor tdx_guest\n");
        file("/sys/bus/pci/devices/0000:17:00.0/vendor", "0x10de\n");
        file("/sys/bus/pci/devices/0000:17:00.0/device", "0x2330\n");
        file("/sys/bus/pci/devices/0000:17:00.0/class", "0x030200\n");
    }
    void TearDown() override { fs::remove_all(root_); }

    void file(const std::string& path, const std::string& content) {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << content;
    }
    void make_able() { fs::create_directories(root_ + "/sys/kernel/config/tsm/report"); }
    device::Machine machine() const { return device::read_machine(*device::make_root_files(root_)); }
    cli::ExitCode run() const {
        InspectOptions options;
        options.root = root_;
        return inspect(options);
    }

    std::string root_;
};

TEST_F(InspectCommand, ExitCodeSaysWhetherTheMachineCanAttest) {
    EXPECT_EQ(run(), cli::kIncomplete);
    make_able();
    EXPECT_EQ(run(), cli::kOk);
}

TEST_F(InspectCommand, TextBeginsWithTheAnswerAndNamesRemedies) {
    const auto text = [&] { return to_text(machine(), device::inspect(machine())); };
    EXPECT_THAT(text(), testing::StartsWith("this machine cannot attest: a TDX guest, but configfs is not mounted"));
    EXPECT_THAT(text(), testing::HasSubstr("what to do: mount -t configfs none /sys/kernel/config"));
    EXPECT_THAT(text(), testing::HasSubstr("0000:17:00.0 10de:2330 H100 SXM"));
    make_able();
    EXPECT_THAT(text(), testing::StartsWith("this machine can attest: a TDX guest, through configfs-tsm\n"));
}

TEST_F(InspectCommand, JsonHasTheSameInOneObject) {
    const auto object = json::parse(as_bytes(to_json(machine(), device::inspect(machine())))).value();
    EXPECT_EQ(object.get("schema")->as_string(), "openpcc-inspection-1");
    EXPECT_EQ(object.get("can_attest")->as_bool(), false);
    EXPECT_EQ(object.get("tee")->as_string(), "tdx");
    EXPECT_EQ(object.get("interface")->kind(), json::Value::Kind::kNull);
    EXPECT_EQ(object.get("facts")->get("kernel")->as_string(), "6.8.0");
    EXPECT_EQ(object.get("facts")->get("memory_lock")->as_int(), 0);
    EXPECT_EQ(object.get("facts")->get("gpus")->elements().size(), 1U);
    const auto& first = object.get("findings")->elements().at(0);
    EXPECT_EQ(first.get("id")->as_string(), "interface.configfs");
    EXPECT_EQ(first.get("severity")->as_string(), "obstacle");
    make_able();
    const auto able = json::parse(as_bytes(to_json(machine(), device::inspect(machine())))).value();
    EXPECT_EQ(able.get("can_attest")->as_bool(), true);
    EXPECT_EQ(able.get("interface")->as_string(), "configfs-tsm");
}

}  // namespace
}  // namespace openpcc::admin
