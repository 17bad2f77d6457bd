// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/explain.hpp"

#include <string>

namespace openpcc::verify {

namespace {

constexpr std::string_view kForged =
    "do not trust this node, and keep the bundle: evidence that does not verify is damaged or forged";
constexpr std::string_view kAskOperator = "ask the operator; no setting of yours makes this safe";
constexpr std::string_view kCollateral =
    "renew the collateral (openpcc collateral fetch); if it is new, the operator has to act";
constexpr std::string_view kUpdate = "the operator has to update firmware and microcode, and restart the guest";
constexpr std::string_view kHost = "the operator has to start the guest with this setting as the policy asks";
constexpr std::string_view kPolicy =
    "compare with the policy (openpcc policy explain); ask its author before you change it";
constexpr std::string_view kAgain = "verify again with a new challenge; if it stays so, ask the operator";

// Row explains one check, or, when its name ends in a dot, the family of that name.
struct Row {
    std::string_view name;
    Explanation explanation;
};

constexpr Row kRows[] = {
    {"bundle.parse",
     {"the bundle has exactly one reading", "fetch the bundle again; a bundle in another form is refused"}},
    {"bundle.", {"the bundle holds what this kind of evidence needs", "ask the operator for a complete bundle"}},
    {"tdx.format", {"the quote has exactly one reading", kForged}},
    {"tdx.tee_type", {"the quote is a TDX guest's, and not an SGX enclave's", kForged}},
    {"tdx.pck_chain", {"Intel vouches for the machine's certificate", kForged}},
    {"tdx.pck_certificate", {"the certificate says which machine and firmware it is for", kForged}},
    {"tdx.qe_report_signature", {"the machine's key signed the quoting enclave's report", kForged}},
    {"tdx.attestation_key", {"the quoting enclave vouches for the key that signed the quote", kForged}},
    {"tdx.quote_signature", {"nothing in the quote was changed", kForged}},
    {"tdx.qe_vendor", {"the quoting enclave is Intel's", kForged}},
    {"tdx.qe_debug", {"nobody can look into the quoting enclave", kAskOperator}},
    {"tdx.qe_identity", {"the quoting enclave is the one that Intel published, and forged ones are not", kCollateral}},
    {"tdx.debug", {"the host cannot read or change the guest's memory", kHost}},
    {"tdx.attributes.migratable", {"the guest cannot be moved, with its keys, to another machine", kHost}},
    {"tdx.attributes.sept_ve_disable", {"the host cannot inject faults on the guest's private pages", kHost}},
    {"tdx.attributes.perfmon", {"performance counters cannot be used as a side channel", kHost}},
    {"tdx.attributes.", {"this attribute of the guest is as the policy asks", kHost}},
    {"tdx.xfam", {"the guest uses only CPU features that the policy allows", kHost}},
    {"tdx.module_floor", {"the TDX module is at least as new as the policy asks", kUpdate}},
    {"tdx.module", {"the TDX module is a production module of Intel's", kUpdate}},
    {"tdx.service_td", {"no other guest has been given power over this one", kHost}},
    {"tdx.tcb_evaluation", {"nobody shows an old list of known holes that is still in date", kCollateral}},
    {"tdx.tcb_info", {"Intel's list of known holes for this machine is there, and signed", kCollateral}},
    {"tdx.tcb", {"firmware, microcode and TDX module have no hole that Intel knows of", kUpdate}},
    {"tdx.collateral_age", {"what Intel says about this machine is recent", kCollateral}},
    {"tdx.pck_crl", {"the list of revoked machines is there, signed and in date", kCollateral}},
    {"tdx.root_crl", {"the root's list of revoked certificates is there, signed and in date", kCollateral}},
    {"tdx.revocation", {"no certificate of the chain has been revoked", kAskOperator}},
    {"tdx.", {"the quote is as Intel's specification demands", kForged}},
    {"snp.format", {"the report has exactly one reading", kForged}},
    {"snp.product", {"the processor's generation is one that the policy trusts", kPolicy}},
    {"snp.chain", {"AMD vouches for the key that signed the report", kForged}},
    {"snp.signature", {"nothing in the report was changed", kForged}},
    {"snp.chip_id", {"the certificate belongs to the chip that made the report", kForged}},
    {"snp.vlek_provider", {"the key belongs to a cloud provider that the policy names", kPolicy}},
    {"snp.tcb", {"firmware and microcode are as new as the policy asks, and cannot be rolled back below", kUpdate}},
    {"snp.firmware", {"the SNP firmware is as new as the policy asks", kUpdate}},
    {"snp.crl", {"AMD's list of revoked certificates is there, signed and in date", kCollateral}},
    {"snp.revocation", {"no certificate of the chain has been revoked", kAskOperator}},
    {"snp.policy.debug", {"the host cannot read or change the guest's memory", kHost}},
    {"snp.policy.migrate_ma", {"no migration agent can move the guest, with its keys, elsewhere", kHost}},
    {"snp.policy.ciphertext_hiding", {"the host cannot watch how encrypted memory changes (CipherLeaks)", kHost}},
    {"snp.policy.rapl_dis", {"power readings cannot be used as a side channel", kHost}},
    {"snp.policy.", {"the guest was started with this restriction as the policy asks", kHost}},
    {"snp.platform.ciphertext_hiding", {"the host cannot watch how encrypted memory changes (CipherLeaks)", kHost}},
    {"snp.platform.alias_check", {"two addresses cannot name one place of memory (BadRAM)", kUpdate}},
    {"snp.platform.", {"the machine is set up as the policy asks", kHost}},
    {"snp.vmpl", {"the software at the right privilege level asked for the report", kHost}},
    {"snp.migration_agent", {"no migration agent has power over the guest", kHost}},
    {"snp.", {"the report is as AMD's specification demands", kForged}},
    {"eventlog.",
     {"the boot log tells how the measured registers came about", "ask the operator for the log of this boot"}},
    {"binding.report_data", {"the hardware vouches for exactly this statement, and so for these keys", kForged}},
    {"binding.devices", {"the hardware vouches for exactly these devices", kForged}},
    {"devices.evidence", {"every device proves what it is", "use a version that judges this kind of device"}},
    {"statement.role", {"the keys are a node's, and not a gateway's", kForged}},
    {"statement.validity", {"the statement is in force now", kAgain}},
    {"statement.lifetime", {"keys that live long are worth stealing", kAskOperator}},
    {"statement.release", {"the software is a release that somebody published and the policy names", kPolicy}},
    {"freshness.challenge", {"the evidence was made just now, and not copied from an earlier time", kAgain}},
    {"policy.measurement.", {"the guest runs exactly the image that the policy names", kPolicy}},
    {"policy.host_registers", {"the host has put nothing of its own into the guest's identity", kHost}},
    {"policy.expiry",
     {"the policy is in force; old rules would accept what is known to be broken",
      "get the new policy from its author"}},
    {"policy.hardware", {"the machine is on the list, so stolen keys of another machine are worthless", kPolicy}},
    {"policy.platform_unique", {"one machine does not pose as two nodes", kAskOperator}},
    {"policy.simulated", {"simulated hardware protects nothing", "use the development policy for development only"}},
    {"policy.", {"the node is as the policy asks", kPolicy}},
    {"root.", {"the evidence ends at a vendor's root that was pinned, not at one that it brings along", kForged}},
};

}  // namespace

Explanation explain(std::string_view check_id) {
    const Row* best = nullptr;
    for (const Row& row : kRows) {
        const bool fits = row.name.ends_with('.')
                              ? check_id.starts_with(row.name)
                              : check_id == row.name || check_id.starts_with(std::string(row.name) + ".");
        if (fits && (best == nullptr || row.name.size() > best->name.size())) best = &row;
    }
    return best != nullptr ? best->explanation : Explanation{"this version has no words for this check", kAskOperator};
}

}  // namespace openpcc::verify
