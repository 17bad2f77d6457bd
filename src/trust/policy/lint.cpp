// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/lint.hpp"

#include <algorithm>

namespace openpcc::policy {

namespace {

using evidence::Must;
using std::chrono::days;

constexpr Seconds kSoon = days(14);
constexpr Seconds kLong = days(90);
constexpr Seconds kYear = days(366);
constexpr Seconds kMaxEvidenceAge = std::chrono::hours(1);

class Linter {
  public:
    Linter(const Policy& policy, TimePoint now) : policy_(policy), now_(now) {}

    std::vector<Finding> run() {
        dates();
        emptiness();
        if (policy_.tdx) tdx_rules(*policy_.tdx);
        if (policy_.snp) snp_rules(*policy_.snp);
        releases();
        exceptions();
        service();
        return std::move(findings_);
    }

  private:
    void error(std::string member, std::string text) {
        findings_.push_back({Finding::Severity::kError, std::move(member), std::move(text)});
    }
    void warning(std::string member, std::string text) {
        findings_.push_back({Finding::Severity::kWarning, std::move(member), std::move(text)});
    }
    void warn_if(bool condition, std::string member, std::string text) {
        if (condition) warning(std::move(member), std::move(text));
    }
    // wants warns when a bit is not what every preset has.
    template <class Table, class Bits>
    void wants(const std::string& path, const Table& table, const Bits& bits, std::string_view name, Must must,
               const std::string& why) {
        const auto at = std::ranges::find(table, name, &Table::value_type::name) - table.begin();
        warn_if(bits[static_cast<std::size_t>(at)] != must, path + "." + std::string(name),
                "not `" + std::string(to_string(must)) + "`: " + why);
    }

    void dates();
    void emptiness();
    void tdx_rules(const tdx::Rules& rules);
    void snp_rules(const snp::Rules& rules);
    void product(const snp::ProductRule& rule, const std::string& path);
    void releases();
    void exceptions();
    void service();

    const Policy& policy_;
    TimePoint now_;
    std::vector<Finding> findings_;
};

void Linter::dates() {
    if (policy_.expires <= now_)
        error("expires", "has expired: it accepts nothing");
    else
        warn_if(policy_.expires <= now_ + kSoon, "expires", "in less than 14 days");
    warn_if(policy_.issued > now_ + evidence::CollateralAge::kSkew, "issued", "in the future");
}

// What is empty accepts nothing: safe, and hardly meant.
void Linter::emptiness() {
    constexpr std::string_view kNothing = "empty: nothing is accepted";
    warn_if(policy_.tdx_measurements.empty() && policy_.snp_measurements.empty(), "measurements",
            std::string(kNothing));
    warn_if(policy_.models.empty(), "models", std::string(kNothing));
    warn_if(policy_.engine_profiles.empty(), "engine_profiles", std::string(kNothing));
    warn_if(policy_.isolation.empty(), "isolation", std::string(kNothing));
    warn_if(policy_.hardware.rule == Hardware::Rule::kListed && policy_.hardware.ids.empty(), "hardware.ids",
            std::string(kNothing));
    warn_if(policy_.roots.required > policy_.roots.of.size(), "roots.required",
            "more roots than the list has: nothing is accepted");
    warn_if(!policy_.tdx && !policy_.snp, "tdx", "TDX and SEV-SNP are both refused: nothing is accepted");
    warn_if(policy_.tdx && policy_.tdx->modules.empty(), "tdx.modules", std::string(kNothing));
    warn_if(policy_.snp && policy_.snp->products.empty(), "snp.products", std::string(kNothing));
    warn_if(!policy_.tdx && !policy_.tdx_measurements.empty(), "measurements", "of TDX guests, and TDX is refused");
    warn_if(!policy_.snp && !policy_.snp_measurements.empty(), "measurements",
            "of SEV-SNP guests, and SEV-SNP is refused");
}

void Linter::tdx_rules(const tdx::Rules& rules) {
    for (const auto& [member, least] : {std::pair("tdx.least_tcb_evaluation", rules.least_tcb_evaluation),
                                        {"tdx.least_qe_evaluation", rules.least_qe_evaluation}})
        if (least == 0) error(member, "no TCB rule: old collateral hides every advisory since");
    for (std::size_t i = 0; i < rules.modules.size(); ++i)
        if (rules.modules[i].least == 0)
            error("tdx.modules[" + std::to_string(i) + "].least", "no TCB rule: every version of the module passes");
    const bool late = std::ranges::any_of(rules.amber, [](tdx::TcbStatus status) {
        return status != tdx::TcbStatus::kSwHardeningNeeded && status != tdx::TcbStatus::kConfigurationNeeded &&
               status != tdx::TcbStatus::kConfigurationAndSwHardeningNeeded;
    });
    if (late && rules.grace > kYear) error("tdx.grace_days", "no TCB rule: patches may be missing for over a year");
    warn_if(late && rules.grace > kLong && rules.grace <= kYear, "tdx.grace_days",
            "patches may be missing for over 90 days");
    warn_if(rules.collateral_age.red > kYear, "tdx.collateral_age.red_days", "collateral may be over a year old");
    wants("tdx.attributes", tdx::kAttributeBits, rules.attributes, "sept_ve_disable", Must::kOne,
          "the host may inject #VE on private pages");
    wants("tdx.attributes", tdx::kAttributeBits, rules.attributes, "migratable", Must::kZero,
          "a guest may be moved, keys and all");
    wants("tdx.attributes", tdx::kAttributeBits, rules.attributes, "perfmon", Must::kZero,
          "performance counters help side channels");
    warn_if(!rules.service_tds.empty(), "tdx.service_tds", "these may move a guest, keys and all");
}

void Linter::product(const snp::ProductRule& rule, const std::string& path) {
    const auto no_rule = [](const snp::Tcb& tcb) { return tcb.boot_loader == 0 || tcb.snp == 0 || tcb.microcode == 0; };
    if (no_rule(rule.green))
        error(path + ".green", "no TCB rule: boot loader, SNP firmware or microcode of any version");
    if (rule.amber && no_rule(rule.amber->least))
        error(path + ".amber.least", "no TCB rule: boot loader, SNP firmware or microcode of any version");
    warn_if(rule.amber && rule.amber->until <= now_, path + ".amber.until", "has passed: nothing is amber");
    warn_if(rule.amber && rule.amber->until > now_ + kYear, path + ".amber.until",
            "fixes may be missing for over a year");
    warn_if(rule.product == snp::Product::kMilan, path + ".product",
            "Milan: software can read the seed of its attestation keys, so any report can be forged");
    const auto debug = std::ranges::find(snp::kPolicyBits, "debug", &snp::Bit::name) - snp::kPolicyBits.begin();
    if (rule.policy[static_cast<std::size_t>(debug)] != Must::kZero)
        error(path + ".policy.debug", "not `zero`: the host may read and write the guest's memory");
    wants(path + ".policy", snp::kPolicyBits, rule.policy, "migrate_ma", Must::kZero,
          "a guest may be moved, keys and all");
    wants(path + ".policy", snp::kPolicyBits, rule.policy, "cxl", Must::kZero, "memory may lie outside the package");
    wants(path + ".platform", snp::kPlatformBits, rule.platform, "alias_check", Must::kOne,
          "memory may be aliased (BadRAM)");
}

void Linter::snp_rules(const snp::Rules& rules) {
    for (std::size_t i = 0; i < rules.products.size(); ++i)
        product(rules.products[i], "snp.products[" + std::to_string(i) + "]");
    warn_if(!rules.vlek_providers.empty(), "snp.vlek_providers", "a VLEK says some machine of the provider, not which");
    warn_if(rules.vmpl != 0, "snp.vmpl", "something that is more privileged than the guest is trusted unseen");
    warn_if(rules.provisional_tcb, "snp.provisional_tcb", "the firmware in use is not the one that is vouched for");
}

void Linter::releases() {
    const auto revoked = [&](const auto& measurement) {
        return std::ranges::find(policy_.revoked_releases, measurement.release) != policy_.revoked_releases.end();
    };
    warn_if(std::ranges::any_of(policy_.tdx_measurements, revoked) ||
                std::ranges::any_of(policy_.snp_measurements, revoked),
            "measurements", "of a release that is revoked: refused");
}

void Linter::exceptions() {
    for (std::size_t i = 0; i < policy_.exceptions.size(); ++i) {
        const Exception& exception = policy_.exceptions[i];
        const std::string path = "exceptions[" + std::to_string(i) + "]";
        if (exception.until <= now_)
            warning(path, "has ended: it does nothing");
        else
            warning(path, exception.check + " may fail until " + to_rfc3339(exception.until) + ": " + exception.reason);
        warn_if(exception.until > now_ + kLong, path + ".until", "in more than 90 days");
    }
}

void Linter::service() {
    warn_if(policy_.preset == Preset::kDevelopment, "preset", "development: simulated hardware may pass");
    warn_if(policy_.hardware.rule == Hardware::Rule::kAny, "hardware",
            "any machine: a key that leaks from any chip of the vendor passes");
    warn_if(policy_.max_evidence_age > kMaxEvidenceAge, "max_evidence_age", "more than an hour");
    warn_if(!policy_.require_pq, "require_pq", "false: what is recorded today can be read by a quantum computer");
}

}  // namespace

std::string_view to_string(Finding::Severity severity) {
    return severity == Finding::Severity::kError ? "error" : "warning";
}

std::vector<Finding> lint(const Policy& policy, TimePoint now) { return Linter(policy, now).run(); }

}  // namespace openpcc::policy
