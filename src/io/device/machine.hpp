// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/device/files.hpp"

namespace openpcc::device {

// Gpu is one NVIDIA device on the PCI bus: whether it is in a confidential mode, the bus does not tell.
struct Gpu {
    std::string address;  // "0000:17:00.0"
    std::string id;       // "10de:2330"
    std::string name;     // "H100 SXM"; empty for a device that is not known here
    friend bool operator==(const Gpu&, const Gpu&) = default;
};

// Machine is what a file tree says of the machine that it is of. What cannot be read counts as not there.
struct Machine {
    std::string kernel;  // "6.16.0-1-amd64"; empty when it cannot be read
    std::pair<unsigned, unsigned> kernel_version;
    bool hypervisor = false;  // the processor says that it is a guest's
    bool container = false;
    bool tdx_guest = false;
    bool snp_guest = false;
    bool confidential_host = false;  // it could start confidential guests, and is none
    bool azure = false;
    bool configfs_mounted = false;
    bool tsm_reports = false;  // the report folder of configfs-tsm
    bool tdx_driver = false;
    bool sev_guest_device = false;
    bool rtmr = false;  // measurement registers can be extended
    bool ccel = false;  // firmware has left its event log
    bool tpm = false;
    bool root = false;  // whoever asks is root
    bool swap = false;
    std::uint64_t hugepages = 0;
    std::optional<std::uint64_t> memory_lock;  // bytes; nothing: no limit
    std::vector<Gpu> gpus;
    std::size_t switches = 0;  // NVSwitches
};

// read_machine reads and changes nothing.
Machine read_machine(Files& files);

}  // namespace openpcc::device
