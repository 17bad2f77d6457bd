// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/explain.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace openpcc::policy {

namespace {

using evidence::Must;

std::string number(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}
std::string day(TimePoint time) { return to_rfc3339(time); }
std::string days(Seconds time) {
    const auto count = std::chrono::floor<std::chrono::days>(time).count();
    return std::to_string(count) + (count == 1 ? " day" : " days");
}
std::string brief(ByteView digest) {
    constexpr std::size_t kShown = 16;
    return to_hex(digest).substr(0, kShown) + "...";
}

// joined is "a, b and c".
template <class List, class Text>
std::string joined(const List& list, Text text, std::string_view last = "and") {
    std::string out;
    std::size_t left = list.size();
    for (const auto& entry : list) {
        out += text(entry);
        --left;
        if (left > 1) out += ", ";
        if (left == 1) out += " " + std::string(last) + " ";
    }
    return out;
}
std::string same(std::string_view text) { return std::string(text); }
std::string name_of(VendorRoot root) {
    switch (root) {
        case VendorRoot::kIntel:
            return "Intel";
        case VendorRoot::kAmd:
            return "AMD";
        case VendorRoot::kNvidia:
            return "NVIDIA";
    }
    return "unknown";
}

// settled is the list of bits that must have that value.
template <class Table, class Bits>
std::vector<std::string> settled(const Table& table, const Bits& bits, Must must) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < bits.size(); ++i)
        if (bits[i] == must) out.emplace_back(table[i].name);
    return out;
}
template <class Table, class Bits>
std::string bits_text(const Table& table, const Bits& bits) {
    std::string out;
    const auto add = [&](Must must, std::string_view what) {
        const auto names = settled(table, bits, must);
        if (!names.empty()) out += (out.empty() ? "" : "; ") + joined(names, same) + " " + std::string(what);
    };
    add(Must::kOne, "must be set");
    add(Must::kZero, "must not be set");
    add(Must::kAny, "may be either");
    return out + ".";
}

class Explainer {
  public:
    Explainer(const Policy& policy, TimePoint now) : policy_(policy), now_(now) {}

    std::vector<Sentence> run() {
        head();
        roots();
        tdx_rules();
        snp_rules();
        releases();
        hardware();
        exceptions();
        service();
        return std::move(sentences_);
    }

  private:
    void say(std::string member, std::string text) { sentences_.push_back({std::move(member), std::move(text)}); }
    void age(const std::string& member, std::string_view vendor, const evidence::CollateralAge& age) {
        say(member, "What " + std::string(vendor) + " publishes about its platforms is noted when it is older than " +
                        days(age.amber) + ", and refused when older than " + days(age.red) + ".");
    }
    template <class List>
    void one_of(const std::string& member, const List& list, std::string_view what) {
        say(member, list.empty()
                        ? "No " + std::string(what) + " is named, so nothing is accepted."
                        : "One of " + number(list.size(), what, std::string(what) + "s") + " that the file names.");
    }

    void head();
    void roots();
    void tdx_rules();
    void tdx_tcb(const tdx::Rules& rules);
    void snp_rules();
    void product(const snp::ProductRule& rule, const std::string& path);
    void releases();
    void hardware();
    void exceptions();
    void service();

    const Policy& policy_;
    TimePoint now_;
    std::vector<Sentence> sentences_;
};

void Explainer::head() {
    say("name", "This policy is called \"" + policy_.name + "\".");
    say("issued", "It was issued at " + day(policy_.issued) + ".");
    say("expires", policy_.expires <= now_ ? "It expired at " + day(policy_.expires) + " and accepts nothing any more."
                                           : "It accepts nothing from " + day(policy_.expires) + " on.");
    say("preset",
        policy_.preset == Preset::kDevelopment
            ? "It is for development: simulated hardware may pass, and evidence need not be fresh. It protects nobody."
            : "It started from the preset " + std::string(to_string(policy_.preset)) +
                  ": hardware must be genuine, and evidence made for your own question.");
}

void Explainer::roots() {
    const RootRule& roots = policy_.roots;
    const auto listed = joined(roots.of, name_of, "or");
    say("roots", roots.of.empty() ? "No vendor is trusted, so nothing is accepted."
                 : roots.required == 1
                     ? "A node must be vouched for by " + listed + "."
                     : "A node must be vouched for by " + std::to_string(roots.required) + " different vendors of " +
                           listed + ": one of them alone cannot deceive you.");
}

void Explainer::tdx_rules() {
    if (!policy_.tdx) return say("tdx", "Nodes on Intel TDX are refused.");
    const tdx::Rules& rules = *policy_.tdx;
    say("tdx", "Nodes on Intel TDX may pass, under these rules:");
    tdx_tcb(rules);
    age("tdx.collateral_age", "Intel", rules.collateral_age);
    say("tdx.attributes", "Of the settings of a guest, " + bits_text(tdx::kAttributeBits, rules.attributes));
    say("tdx.xfam", "Of the processor's features for a guest, " + bits_text(tdx::kXfamBits, rules.xfam));
    say("tdx.service_tds", rules.service_tds.empty()
                               ? "No other guest may be bound to it as a service, so none can move it elsewhere."
                               : "Bound service guests may be: " + joined(rules.service_tds, brief, "or") + ".");
}

void Explainer::tdx_tcb(const tdx::Rules& rules) {
    const auto evaluation = [](std::string_view of, std::uint32_t least) {
        return "Intel's judgement of the " + std::string(of) + " must be of evaluation " + std::to_string(least) +
               " or later: an older one does not know what was found since.";
    };
    say("tdx.least_tcb_evaluation", evaluation("platform", rules.least_tcb_evaluation));
    say("tdx.least_qe_evaluation", evaluation("quoting enclave", rules.least_qe_evaluation));
    say("tdx.modules", rules.modules.empty() ? "No TDX module is accepted."
                                             : "The TDX module must have version " +
                                                   joined(
                                                       rules.modules,
                                                       [](const tdx::ModuleFloor& floor) {
                                                           return std::to_string(floor.least) + " or later (series " +
                                                                  std::to_string(floor.major) + ")";
                                                       },
                                                       "or") +
                                                   ".");
    say("tdx.amber",
        rules.amber.empty()
            ? "Only a platform that Intel calls UpToDate passes."
            : "A platform that Intel calls UpToDate passes; " +
                  joined(
                      rules.amber, [](tdx::TcbStatus status) { return std::string(to_string(status)); }, "or") +
                  " passes with a note.");
    say("tdx.accepted_advisories", rules.accepted_advisories.empty()
                                       ? "No advisory has been reviewed: what needs hardening or configuration fails."
                                       : "What needs hardening or configuration passes when its advisories are among " +
                                             joined(rules.accepted_advisories, same) + ".");
    say("tdx.denied_advisories",
        rules.denied_advisories.empty()
            ? "No advisory is denied by name."
            : "A platform that " + joined(rules.denied_advisories, same, "or") + " concerns fails.");
    say("tdx.grace_days", "What is out of date, where it may pass at all, passes for " + days(rules.grace) +
                              " after the date of Intel's fix.");
}

std::string tcb_text(const snp::Tcb& tcb, snp::Product product) {
    std::string out = product == snp::Product::kTurin ? "FMC " + std::to_string(tcb.fmc) + ", " : "";
    return out + "boot loader " + std::to_string(tcb.boot_loader) + ", TEE " + std::to_string(tcb.tee) +
           ", SNP firmware " + std::to_string(tcb.snp) + ", microcode " + std::to_string(tcb.microcode);
}

void Explainer::product(const snp::ProductRule& rule, const std::string& path) {
    const std::string name(to_string(rule.product));
    say(path,
        name + (rule.product == snp::Product::kMilan
                    ? " processors may pass. Software can forge any report of theirs: this accepts what proves nothing."
                    : " processors may pass."));
    say(path + ".green", "Every part must have at least: " + tcb_text(rule.green, rule.product) + ".");
    say(path + ".least_firmware", "The firmware must be " + std::to_string(rule.least_firmware.major) + "." +
                                      std::to_string(rule.least_firmware.minor) + "." +
                                      std::to_string(rule.least_firmware.build) + " or later.");
    say(path + ".amber", !rule.amber ? "Nothing lower passes."
                         : rule.amber->until <= now_
                             ? "Nothing lower passes any more since " + day(rule.amber->until) + "."
                             : "Until " + day(rule.amber->until) + ", " + tcb_text(rule.amber->least, rule.product) +
                                   " passes with a note, although it leaves " + joined(rule.amber->advisories, same) +
                                   " open.");
    say(path + ".policy", "Of the settings of a guest, " + bits_text(snp::kPolicyBits, rule.policy));
    say(path + ".platform", "Of the settings of the machine, " + bits_text(snp::kPlatformBits, rule.platform));
    say(path + ".platform_unknown", rule.platform_unknown == Must::kAny
                                        ? "Settings of the machine without a known name are noted."
                                        : "Settings of the machine without a known name fail.");
}

void Explainer::snp_rules() {
    if (!policy_.snp) return say("snp", "Nodes on AMD SEV-SNP are refused.");
    const snp::Rules& rules = *policy_.snp;
    say("snp", "Nodes on AMD SEV-SNP may pass, under these rules:");
    if (rules.products.empty()) say("snp.products", "No processor is named, so none is accepted.");
    for (std::size_t i = 0; i < rules.products.size(); ++i)
        product(rules.products[i], "snp.products[" + std::to_string(i) + "]");
    say("snp.vlek_providers", rules.vlek_providers.empty()
                                  ? "The report must be signed by the key of one chip."
                                  : "The report may also be signed by a key for all machines of " +
                                        joined(rules.vlek_providers, same, "or") + ".");
    say("snp.vmpl", "The report must come from privilege level " + std::to_string(rules.vmpl) +
                        (rules.vmpl == 0 ? ", the highest." : ": something above it is trusted unseen."));
    say("snp.provisional_tcb", rules.provisional_tcb ? "Firmware that runs before it is committed is noted."
                                                     : "The firmware that runs must be the one that is vouched for.");
    age("snp.collateral_age", "AMD", rules.collateral_age);
}

void Explainer::releases() {
    const std::size_t tdx = policy_.tdx_measurements.size();
    const std::size_t snp = policy_.snp_measurements.size();
    say("measurements", tdx + snp == 0 ? "No measurement is named, so nothing is accepted."
                                       : "A node must have been started from exactly one of " +
                                             number(tdx, "measurement", "measurements") + " for TDX and " +
                                             std::to_string(snp) + " for SEV-SNP.");
    say("revoked_releases", policy_.revoked_releases.empty() ? "No release is revoked."
                                                             : "Refused whatever else is said: release " +
                                                                   joined(policy_.revoked_releases, same, "or") + ".");
    one_of("models", policy_.models, "model");
    one_of("engine_profiles", policy_.engine_profiles, "engine profile");
}

void Explainer::hardware() {
    if (policy_.hardware.rule == Hardware::Rule::kAny)
        return say("hardware", "Any machine may answer; a key that leaks from any chip of the vendor would pass.");
    say("hardware", policy_.hardware.ids.empty()
                        ? "No machine is named, so none is accepted."
                        : "Only " + number(policy_.hardware.ids.size(), "machine", "machines") +
                              " may answer, listed by identity.");
}

void Explainer::exceptions() {
    say("isolation",
        policy_.isolation.empty()
            ? "No isolation class is named, so nothing is accepted."
            : "Requests of different people are kept apart in one of these ways: " +
                  joined(
                      policy_.isolation,
                      [](statement::Isolation isolation) { return std::string(to_string(isolation)); }, "or") +
                  ".");
    if (policy_.exceptions.empty()) say("exceptions", "There is no exception.");
    for (std::size_t i = 0; i < policy_.exceptions.size(); ++i) {
        const Exception& exception = policy_.exceptions[i];
        const auto* platform = std::get_if<Digest256>(&exception.scope);
        const std::string where =
            platform != nullptr ? "machine " + brief(*platform) : "release " + std::get<std::string>(exception.scope);
        say("exceptions[" + std::to_string(i) + "]",
            exception.until <= now_
                ? "An exception for " + exception.check + " ended at " + day(exception.until) + " and does nothing."
                : "Until " + day(exception.until) + " the check " + exception.check + " may fail for " + where + " (" +
                      exception.advisory + "), and is shown as a note: " + exception.reason + ".");
    }
}

void Explainer::service() {
    say("max_evidence_age",
        "Evidence must be made within " +
            number(static_cast<std::size_t>(policy_.max_evidence_age.count()), "second", "seconds") +
            " of your question.");
    say("candidates", policy_.candidates == 1
                          ? "A request can be read by one node."
                          : "A request is sealed to " + std::to_string(policy_.candidates) +
                                " nodes, so that another can answer when one is down; each of them could read it.");
    say("require_pq", policy_.require_pq
                          ? "Keys must withstand quantum computers."
                          : "Keys need not withstand quantum computers: what is recorded today may be read one day.");
}

}  // namespace

std::vector<Sentence> explain(const Policy& policy, TimePoint now) { return Explainer(policy, now).run(); }

}  // namespace openpcc::policy
