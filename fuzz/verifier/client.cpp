// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.hpp"
#include "evidence/eventlog/written_log.hpp"
#include "evidence/snp/verify.hpp"
#include "evidence/tdx/verify.hpp"
#include "verifier/authorities.hpp"

// What the client brings along: policy, clock, challenge, boot log. A policy that is edited goes through its file form,
// so that none is tried that no file could say.
namespace openpcc::hostile {

namespace {

using policy::Policy;

std::uint8_t first(ByteView value) { return value.empty() ? std::uint8_t{0} : value[0]; }
std::string some_text(ByteView value) { return to_string(value); }
Digest256 some_digest(ByteView value) { return Digest256::from_view(value); }

// The machine's identity, as a policy or a client that knows it would have it.
Digest256 identity(const Node& node) {
    if (is_tdx(node.base)) return Digest256::from_view(tdx::platform_name(node.tdx.machine.platform));
    const std::string_view product = to_string(product_of(node.base));
    const std::string_view label = "openpcc SEV-SNP platform v1";
    const std::uint8_t sizes[] = {static_cast<std::uint8_t>(label.size()), static_cast<std::uint8_t>(product.size())};
    const ByteView both(sizes);
    return crypto::sha256(
        {both.first(1), as_bytes(label), both.subspan(1), as_bytes(product), ByteView(node.snp.report.chip_id)});
}

void collateral_age(Edits& edits, const std::string& name, evidence::CollateralAge& age) {
    edits.field(name + ".amber", age.amber);
    edits.field(name + ".red", age.red);
}

void tdx_rules(Edits& edits, tdx::Rules& rules) {
    edits.field("policy.tdx.least_tcb_evaluation", rules.least_tcb_evaluation);
    edits.field("policy.tdx.least_qe_evaluation", rules.least_qe_evaluation);
    edits.list("policy.tdx.modules", rules.modules, [](ByteView value) { return tdx::ModuleFloor{first(value), 0}; });
    edits.list("policy.tdx.amber", rules.amber,
               [](ByteView value) { return static_cast<tdx::TcbStatus>(first(value) % 9); });
    edits.list("policy.tdx.accepted_advisories", rules.accepted_advisories, some_text);
    edits.list("policy.tdx.denied_advisories", rules.denied_advisories, some_text);
    edits.field("policy.tdx.grace", rules.grace);
    collateral_age(edits, "policy.tdx.collateral_age", rules.collateral_age);
    edits.field("policy.tdx.attributes", rules.attributes);
    edits.field("policy.tdx.xfam", rules.xfam);
    edits.list("policy.tdx.service_tds", rules.service_tds,
               [](ByteView value) { return ByteArray<48>::from_view(value); });
}

void product_rule(Edits& edits, const std::string& name, snp::ProductRule& rule, TimePoint now) {
    edits.field(name + ".product", rule.product);
    edits.field(name + ".green", rule.green);
    edits.field(name + ".least_firmware", rule.least_firmware);
    snp::ProductRule::Amber amber{{}, {"AMD-SB-3020"}, now + std::chrono::days(10)};
    bool has_amber = false;
    edits.field(name + ".has_amber", has_amber);
    edits.field(name + ".amber_least", amber.least);
    edits.field(name + ".amber_until", amber.until);
    if (has_amber) rule.amber = amber;
    edits.field(name + ".policy", rule.policy);
    edits.field(name + ".platform", rule.platform);
    edits.field(name + ".platform_unknown", rule.platform_unknown);
}

void snp_rules(Edits& edits, snp::Rules& rules, TimePoint now) {
    edits.list("policy.snp.products", rules.products, [](ByteView value) {
        return snp::ProductRule{static_cast<snp::Product>(first(value) % 3), {}, {}, {}, {}, {}, {}};
    });
    for (std::size_t i = 0; i < rules.products.size(); ++i)
        product_rule(edits, "policy.snp.products." + std::to_string(i), rules.products[i], now);
    edits.list("policy.snp.vlek_providers", rules.vlek_providers, some_text);
    edits.field("policy.snp.vmpl", rules.vmpl);
    edits.field("policy.snp.provisional_tcb", rules.provisional_tcb);
    collateral_age(edits, "policy.snp.collateral_age", rules.collateral_age);
}

void measurements(Edits& edits, Policy& policy) {
    edits.list("policy.tdx_measurements", policy.tdx_measurements, [](ByteView) { return policy::TdxMeasurement{}; });
    for (auto& each : policy.tdx_measurements) {
        edits.field("policy.tdx_measurement.release", each.release);
        edits.field("policy.tdx_measurement.mrtd", each.mrtd);
        edits.field("policy.tdx_measurement.rtmr", each.rtmr);
    }
    edits.list("policy.snp_measurements", policy.snp_measurements, [](ByteView) { return policy::SnpMeasurement{}; });
    for (auto& each : policy.snp_measurements) {
        edits.field("policy.snp_measurement.release", each.release);
        edits.field("policy.snp_measurement.measurement", each.measurement);
        edits.field("policy.snp_measurement.host_data", each.host_data);
        edits.field("policy.snp_measurement.id_key_digest", each.id_key_digest);
        edits.field("policy.snp_measurement.author_key_digest", each.author_key_digest);
        edits.field("policy.snp_measurement.guest_svn", each.guest_svn);
    }
}

// An exception of the recipe's: which check, and for the machine or for the release.
policy::Exception exception(ByteView value, const Node& node) {
    const auto excusable = policy::excusable_checks();
    policy::Exception out;
    out.check = excusable[first(value) % excusable.size()];
    if (value.size() > 1 && value[1] % 2 == 1)
        out.scope = identity(node);
    else
        out.scope = std::string("demo-1.0.0");
    out.reason = value.size() > 2 ? to_string(value.subspan(2)) : std::string("a reason");
    out.advisory = "INTEL-SA-01313";
    out.until = node.client.now + std::chrono::days(3);
    return out;
}

void lists(Edits& edits, Policy& policy, const Node& node) {
    edits.list("policy.roots.of", policy.roots.of,
               [](ByteView value) { return static_cast<policy::VendorRoot>(first(value) % 3); });
    edits.list("policy.revoked_releases", policy.revoked_releases, some_text);
    edits.list("policy.models", policy.models, some_digest);
    edits.list("policy.engine_profiles", policy.engine_profiles, some_digest);
    edits.list("policy.hardware.ids", policy.hardware.ids,
               [&](ByteView value) { return value.empty() ? identity(node) : some_digest(value); });
    edits.list("policy.isolation", policy.isolation,
               [](ByteView value) { return static_cast<statement::Isolation>(1 + first(value) % 4); });
    edits.list("policy.exceptions", policy.exceptions, [&](ByteView value) { return exception(value, node); });
    for (auto& each : policy.exceptions) edits.field("policy.exception.until", each.until);
}

bool choose_policy(Edits& edits, Node& node) {
    Policy& policy = node.client.policy;
    edits.field("policy.name", policy.name);
    edits.field("policy.issued", policy.issued);
    edits.field("policy.expires", policy.expires);
    edits.field("policy.preset", policy.preset);
    edits.field("policy.roots.required", policy.roots.required);
    edits.field("policy.hardware.rule", policy.hardware.rule);
    edits.field("policy.max_evidence_age", policy.max_evidence_age);
    edits.field("policy.candidates", policy.candidates);
    edits.field("policy.require_pq", policy.require_pq);
    tdx_rules(edits, *policy.tdx);
    snp_rules(edits, *policy.snp, node.client.now);
    measurements(edits, policy);
    lists(edits, policy, node);
    bool refuses = false;
    edits.field("policy.refuses_tdx", refuses);
    if (std::exchange(refuses, false)) policy.tdx.reset();
    edits.field("policy.refuses_snp", refuses);
    if (refuses) policy.snp.reset();
    if (!edits.touches("policy.")) return true;
    std::string text = policy.to_json();
    edits.field("policy.text", text);
    auto parsed = Policy::parse(as_bytes(text));
    if (!parsed) return false;
    policy = *std::move(parsed);
    return true;
}

void boot_log(Edits& edits, Node& node) {
    bool given = false;
    edits.field("log.given", given);
    Bytes log;
    if (edits.touches("log.")) log = eventlog::good_log().bytes();
    edits.field("log.bytes", log);
    if (given) node.client.expectation.event_log = std::move(log);
}

}  // namespace

bool make_client(Edits& edits, Node& node) {
    verify::Expectation& expectation = node.client.expectation;
    edits.field("client.now", node.client.now);
    edits.field("client.challenge", expectation.challenge->challenge);
    edits.field("client.sent", expectation.challenge->sent);
    edits.list("client.other_platforms", expectation.other_platforms,
               [&](ByteView value) { return value.empty() ? identity(node) : some_digest(value); });
    bool flag = false;
    edits.field("client.wants_gateway", flag);
    if (std::exchange(flag, false)) expectation.role = statement::Role::kGateway;
    edits.field("client.without_challenge", flag);
    if (std::exchange(flag, false)) expectation.challenge.reset();
    edits.field("client.without_root", flag);
    if (flag) node.client.roots.simulated = {};
    boot_log(edits, node);
    return choose_policy(edits, node);
}

}  // namespace openpcc::hostile
