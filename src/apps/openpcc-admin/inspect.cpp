// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/inspect.hpp"

#include <fmt/format.h>

#include "wire/json.hpp"

namespace openpcc::admin {

namespace {

std::string_view yes(bool value) { return value ? "yes" : "no"; }

std::string memory_lock(const device::Machine& machine) {
    return machine.memory_lock ? fmt::format("{} bytes", *machine.memory_lock) : "no limit";
}

json::Value gpus(const device::Machine& machine) {
    json::Value out = json::Value::array();
    for (const device::Gpu& gpu : machine.gpus) {
        json::Value next = json::Value::object();
        next.set("address", json::Value::string(gpu.address));
        next.set("id", json::Value::string(gpu.id));
        next.set("name", gpu.name.empty() ? json::Value() : json::Value::string(gpu.name));
        out.push(std::move(next));
    }
    return out;
}

json::Value facts(const device::Machine& machine) {
    json::Value out = json::Value::object();
    out.set("kernel", json::Value::string(machine.kernel));
    const std::pair<std::string_view, bool> flags[] = {
        {"hypervisor", machine.hypervisor},
        {"container", machine.container},
        {"tdx_guest", machine.tdx_guest},
        {"snp_guest", machine.snp_guest},
        {"confidential_host", machine.confidential_host},
        {"azure", machine.azure},
        {"configfs_mounted", machine.configfs_mounted},
        {"configfs_tsm", machine.tsm_reports},
        {"tdx_driver", machine.tdx_driver},
        {"sev_guest_device", machine.sev_guest_device},
        {"rtmr_extension", machine.rtmr},
        {"ccel", machine.ccel},
        {"tpm", machine.tpm},
        {"root", machine.root},
        {"swap", machine.swap},
    };
    for (const auto& [name, value] : flags) out.set(name, json::Value::boolean(value));
    out.set("hugepages", json::Value::integer(static_cast<std::int64_t>(machine.hugepages)));
    out.set("memory_lock", machine.memory_lock ? json::Value::integer(static_cast<std::int64_t>(*machine.memory_lock))
                                               : json::Value());
    out.set("gpus", gpus(machine));
    out.set("nvswitches", json::Value::integer(static_cast<std::int64_t>(machine.switches)));
    return out;
}

}  // namespace

std::string to_json(const device::Machine& machine, const device::Inspection& inspection) {
    json::Value out = json::Value::object();
    out.set("schema", json::Value::string("openpcc-inspection-1"));
    out.set("can_attest", json::Value::boolean(inspection.can_attest()));
    out.set("summary", json::Value::string(inspection.summary()));
    out.set("tee", inspection.kind ? json::Value::string(device::to_string(*inspection.kind)) : json::Value());
    out.set("interface", inspection.interface.empty() ? json::Value() : json::Value::string(inspection.interface));
    out.set("facts", facts(machine));
    json::Value findings = json::Value::array();
    for (const device::Finding& finding : inspection.findings) {
        json::Value next = json::Value::object();
        next.set("id", json::Value::string(finding.id));
        next.set("severity", json::Value::string(device::to_string(finding.severity)));
        next.set("text", json::Value::string(finding.text));
        next.set("remedy", finding.remedy.empty() ? json::Value() : json::Value::string(finding.remedy));
        findings.push(std::move(next));
    }
    out.set("findings", std::move(findings));
    return out.to_text() + "\n";
}

std::string to_text(const device::Machine& machine, const device::Inspection& inspection) {
    std::string out = inspection.summary() + "\n";
    for (const device::Finding& finding : inspection.findings) {
        out += fmt::format("\n{}: {} ({})\n", device::to_string(finding.severity), finding.text, finding.id);
        if (!finding.remedy.empty()) out += fmt::format("  what to do: {}\n", finding.remedy);
    }
    out += fmt::format("\nkernel {}; configfs mounted: {}; configfs-tsm: {}; sev-guest device: {}\n",
                       machine.kernel.empty() ? "unknown" : machine.kernel, yes(machine.configfs_mounted),
                       yes(machine.tsm_reports), yes(machine.sev_guest_device));
    out += fmt::format("RTMRs can be extended: {}; firmware's event log: {}; TPM: {}\n", yes(machine.rtmr),
                       yes(machine.ccel), yes(machine.tpm));
    out += fmt::format("memory lock: {}; swap: {}; huge pages: {}; GPUs: {}; NVSwitches: {}\n", memory_lock(machine),
                       machine.swap ? "on" : "off", machine.hugepages, machine.gpus.size(), machine.switches);
    for (const device::Gpu& gpu : machine.gpus)
        out += fmt::format("  {} {} {}\n", gpu.address, gpu.id, gpu.name.empty() ? "not known" : gpu.name);
    return out;
}

void add_inspect(CLI::App& app, InspectOptions& options) {
    CLI::App* inspect = app.add_subcommand("inspect", "Say what this machine could attest, and what hinders it");
    inspect->add_option("--root", options.root, "Look at a copied file tree of a machine")
        ->check(CLI::ExistingDirectory);
    inspect->add_flag("--json", options.json, "One JSON object");
}

cli::ExitCode inspect(const InspectOptions& options) {
    const auto files = device::make_root_files(options.root);
    const device::Machine machine = device::read_machine(*files);
    const device::Inspection inspection = device::inspect(machine);
    fmt::print("{}", options.json ? to_json(machine, inspection) : to_text(machine, inspection));
    return inspection.can_attest() ? cli::kOk : cli::kIncomplete;
}

}  // namespace openpcc::admin
