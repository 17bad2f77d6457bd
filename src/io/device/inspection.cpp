// SPDX-License-Identifier: Apache-2.0
#include "io/device/inspection.hpp"

#include <algorithm>
#include <iterator>

namespace openpcc::device {

namespace {

constexpr std::pair<unsigned, unsigned> kReportsSince{6, 7};
constexpr std::pair<unsigned, unsigned> kRegistersSince{6, 16};
constexpr std::uint64_t kMemoryLock = 64 << 20;  // secrets of requests and keys; noded asks for more when it may

// Inspector adds findings in the order of the questions.
class Inspector {
  public:
    explicit Inspector(const Machine& machine) : machine_(machine) {}

    Inspection run() {
        if (machine_.tdx_guest)
            out_.kind = Kind::kTdx;
        else if (machine_.snp_guest)
            out_.kind = Kind::kSnp;
        if (out_.kind)
            look_for_interface();
        else
            say_why_no_guest();
        look_at_registers();
        look_at_memory();
        look_at_devices();
        return in_order();
    }

  private:
    void add(std::string id, Severity severity, std::string text, std::string remedy = {}) {
        out_.findings.push_back({std::move(id), severity, std::move(text), std::move(remedy)});
    }
    void obstacle(std::string id, std::string text, std::string remedy) {
        add(std::move(id), Severity::kObstacle, std::move(text), std::move(remedy));
    }

    Inspection in_order() {
        std::vector<Finding> sorted;
        for (const Severity severity : {Severity::kObstacle, Severity::kWarning, Severity::kNote})
            std::ranges::copy_if(out_.findings, std::back_inserter(sorted),
                                 [&](const Finding& finding) { return finding.severity == severity; });
        out_.findings = std::move(sorted);
        return std::move(out_);
    }

    void say_why_no_guest();
    void look_for_interface();
    void say_why_no_interface();
    void look_at_registers();
    void look_at_memory();
    void look_at_devices();

    const Machine& machine_;
    Inspection out_;
};

void Inspector::say_why_no_guest() {
    if (machine_.azure && machine_.tpm)
        return obstacle("guest.azure",
                        "a virtual machine of Azure: its evidence comes through the vTPM of a paravisor, which this "
                        "version does not read",
                        "use a guest with an interface of its own (TDX, or SEV-SNP without a paravisor)");
    if (machine_.confidential_host)
        return obstacle("guest.host", "a host that could start confidential guests, and is none itself",
                        "run noded in a TDX or SEV-SNP guest of this machine");
    if (!machine_.hypervisor)
        return obstacle("guest.bare_metal", "bare metal: no confidential guest",
                        "enable TDX or SEV-SNP in firmware and hypervisor, and run noded in a guest");
    obstacle("guest.ordinary", "a virtual machine that is not confidential",
             "have the hypervisor start it as a TDX or SEV-SNP guest");
}

void Inspector::look_for_interface() {
    if (machine_.tsm_reports)
        out_.interface = "configfs-tsm";
    else if (out_.kind == Kind::kSnp && machine_.sev_guest_device)
        out_.interface = "sev-guest";
    if (out_.interface.empty()) return say_why_no_interface();
    if (out_.interface == "sev-guest")
        add("interface.fallback", Severity::kNote, "the older interface /dev/sev-guest is used",
            "mount configfs, with Linux 6.7 or later, to use configfs-tsm");
    if (!machine_.root)
        add("interface.root", Severity::kWarning, "report interfaces belong to root, and you are not",
            "start noded as root or from its unit; it gives up its rights itself");
}

void Inspector::say_why_no_interface() {
    if (machine_.container)
        return obstacle("interface.container", "a container that does not see the guest's report interface",
                        out_.kind == Kind::kTdx ? "give it /sys/kernel/config (read and write)"
                                                : "give it /sys/kernel/config (read and write) or /dev/sev-guest");
    if (machine_.kernel_version < kReportsSince)
        return obstacle("interface.kernel", "Linux " + machine_.kernel + " has no configfs-tsm",
                        "use Linux 6.7 or later");
    if (!machine_.configfs_mounted)
        return obstacle("interface.configfs", "configfs is not mounted at /sys/kernel/config",
                        "mount -t configfs none /sys/kernel/config");
    const std::string module = out_.kind == Kind::kTdx ? "tdx_guest" : "sev_guest";
    obstacle("interface.driver", "configfs is mounted, and no driver provides reports", "modprobe " + module);
}

void Inspector::look_at_registers() {
    if (out_.kind != Kind::kTdx) return;
    if (!machine_.rtmr && machine_.kernel_version < kRegistersSince)
        add("registers.kernel", Severity::kWarning,
            "Linux " + machine_.kernel + " cannot extend RTMRs: what starts after boot is not measured",
            "use Linux 6.16 or later");
    else if (!machine_.rtmr)
        add("registers.absent", Severity::kWarning, "the registers of tdx_guest are not there",
            "modprobe tdx_guest; build the kernel with CONFIG_TSM_MEASUREMENTS");
    if (!machine_.ccel)
        add("registers.ccel", Severity::kWarning,
            "firmware has left no event log (ACPI CCEL): registers can be compared, and not explained",
            "use a virtual firmware that measures into CC_MEASUREMENT (OVMF for TDX)");
}

void Inspector::look_at_memory() {
    if (machine_.memory_lock && *machine_.memory_lock < kMemoryLock)
        add("memory.lock", Severity::kWarning,
            "only " + std::to_string(*machine_.memory_lock) + " bytes of memory may be locked",
            "raise RLIMIT_MEMLOCK (systemd: LimitMEMLOCK=infinity); noded does not start without locked memory");
    if (machine_.swap)
        add("memory.swap", Severity::kWarning, "swap is on: what is not locked can reach a disk", "swapoff -a");
    if (machine_.hugepages > 0)
        add("memory.hugepages", Severity::kNote, std::to_string(machine_.hugepages) + " huge pages are reserved");
}

void Inspector::look_at_devices() {
    if (machine_.tpm && !machine_.azure)
        add("devices.tpm", Severity::kNote, "a TPM is there; this version makes no evidence with it");
    if (machine_.gpus.empty()) return;
    const auto known = std::ranges::count_if(machine_.gpus, [](const Gpu& gpu) { return !gpu.name.empty(); });
    add("devices.gpu", Severity::kWarning,
        std::to_string(machine_.gpus.size()) + " NVIDIA GPUs, " + std::to_string(known) +
            " with a confidential mode; this version makes no evidence of theirs",
        "count what they see as seen by the host");
}

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::kNote:
            return "note";
        case Severity::kWarning:
            return "warning";
        case Severity::kObstacle:
            return "obstacle";
    }
    return "obstacle";
}

std::string Inspection::summary() const {
    const std::string guest = kind == Kind::kTdx ? "a TDX guest" : "an SEV-SNP guest";
    if (can_attest()) return "this machine can attest: " + guest + ", through " + interface;
    const std::string why = findings.empty() ? std::string("no reason was found") : findings.front().text;
    return "this machine cannot attest: " + (kind ? guest + ", but " : std::string()) + why;
}

Inspection inspect(const Machine& machine) { return Inspector(machine).run(); }

}  // namespace openpcc::device
