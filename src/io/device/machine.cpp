// SPDX-License-Identifier: Apache-2.0
#include "io/device/machine.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace openpcc::device {

namespace {

constexpr std::size_t kMaxText = 4 << 20;  // /proc/cpuinfo of a machine with 1024 processors

std::string text_of(Files& files, const std::string& path) {
    const auto bytes = files.read(path, kMaxText);
    return bytes ? std::string(as_text(*bytes)) : std::string();
}

std::string line_of(Files& files, const std::string& path) {
    std::string text = text_of(files, path);
    return text.substr(0, text.find('\n'));
}

bool exists(Files& files, const std::string& folder, std::string_view name) {
    const auto names = files.list(folder);
    return names && std::ranges::find(*names, name) != names->end();
}

// rest_of_line is what follows a label at the beginning of a line.
std::string rest_of_line(const std::string& text, std::string_view label) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(label)) return line.substr(label.size());
    return {};
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return value;
}

void read_kernel(Files& files, Machine& out) {
    out.kernel = line_of(files, "/proc/sys/kernel/osrelease");
    const auto dot = out.kernel.find('.');
    if (dot == std::string::npos) return;
    const auto major = number_of(out.kernel);
    const auto minor = number_of(std::string_view(out.kernel).substr(dot + 1));
    if (major && minor) out.kernel_version = {static_cast<unsigned>(*major), static_cast<unsigned>(*minor)};
}

void read_processor(Files& files, Machine& out) {
    const auto flags = words_of(rest_of_line(text_of(files, "/proc/cpuinfo"), "flags"));
    const auto has = [&](std::string_view flag) { return std::ranges::find(flags, flag) != flags.end(); };
    out.hypervisor = has("hypervisor");
    out.tdx_guest = has("tdx_guest");
    // No flag says so inside an SNP guest: the device does, and from Linux 6.12 on a folder with the VMPL.
    out.sev_guest_device = exists(files, "/dev", "sev-guest");
    out.snp_guest = out.sev_guest_device || exists(files, "/sys/devices/platform", "sev-guest") ||
                    exists(files, "/sys/devices/system/cpu/sev", "vmpl");
    const auto enabled = [&](const std::string& path) {
        const std::string value = line_of(files, path);
        return value == "Y" || value == "1";
    };
    out.confidential_host = !out.hypervisor && (enabled("/sys/module/kvm_amd/parameters/sev_snp") ||
                                                enabled("/sys/module/kvm_intel/parameters/tdx"));
}

void read_interfaces(Files& files, Machine& out) {
    std::istringstream mounts(text_of(files, "/proc/self/mounts"));
    for (std::string line; std::getline(mounts, line);) {
        const auto words = words_of(line);
        if (words.size() > 2 && words[1] == "/sys/kernel/config" && words[2] == "configfs") out.configfs_mounted = true;
    }
    out.tsm_reports = exists(files, "/sys/kernel/config/tsm", "report");
    out.tdx_driver = exists(files, "/sys/devices/virtual/misc", "tdx_guest");
    out.rtmr = exists(files, "/sys/devices/virtual/misc/tdx_guest/measurements", "rtmr3:sha384");
    out.ccel = exists(files, "/sys/firmware/acpi/tables/data", "CCEL");
    out.tpm = exists(files, "/dev", "tpmrm0") || exists(files, "/dev", "tpm0");
    out.container = exists(files, "/", ".dockerenv") || exists(files, "/run", ".containerenv") ||
                    exists(files, "/run/systemd", "container");
    // The asset tag of all of Azure's virtual machines.
    out.azure = line_of(files, "/sys/class/dmi/id/chassis_asset_tag") == "7783-7084-3265-9085-8269-3286-77";
}

void read_memory(Files& files, Machine& out) {
    const auto limits = words_of(rest_of_line(text_of(files, "/proc/self/limits"), "Max locked memory"));
    out.memory_lock = limits.empty() ? std::uint64_t{0} : number_of(limits[0]);
    if (!limits.empty() && limits[0] != "unlimited" && !out.memory_lock) out.memory_lock = 0;
    const std::string swaps = text_of(files, "/proc/swaps");
    out.swap = std::ranges::count(swaps, '\n') > 1;
    const auto pages = words_of(rest_of_line(text_of(files, "/proc/meminfo"), "HugePages_Total:"));
    out.hugepages = pages.empty() ? 0 : number_of(pages[0]).value_or(0);
    const auto users = words_of(rest_of_line(text_of(files, "/proc/self/status"), "Uid:"));
    out.root = users.size() > 1 && users[1] == "0";
}

// PCI ids of NVIDIA's devices that have a confidential mode.
std::string name_of(std::string_view device) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"0x2330", "H100 SXM"}, {"0x2331", "H100 PCIe"}, {"0x2321", "H100 NVL"},
        {"0x2335", "H200 SXM"}, {"0x233b", "H200 NVL"},  {"0x2901", "B200"},
    };
    for (const auto& [id, name] : kNames)
        if (id == device) return std::string(name);
    return {};
}

void read_gpus(Files& files, Machine& out) {
    const auto devices = files.list("/sys/bus/pci/devices");
    if (!devices) return;
    for (const std::string& address : *devices) {
        const std::string folder = "/sys/bus/pci/devices/" + address;
        if (line_of(files, folder + "/vendor") != "0x10de") continue;
        const std::string kind = line_of(files, folder + "/class");
        const std::string device = line_of(files, folder + "/device");
        if (kind.starts_with("0x0680")) ++out.switches;  // "other bridge": NVSwitch
        if (!kind.starts_with("0x03") || device.size() != 6) continue;
        out.gpus.push_back({address, "10de:" + device.substr(2), name_of(device)});
    }
}

}  // namespace

Machine read_machine(Files& files) {
    Machine out;
    read_kernel(files, out);
    read_processor(files, out);
    read_interfaces(files, out);
    read_memory(files, out);
    read_gpus(files, out);
    return out;
}

}  // namespace openpcc::device
