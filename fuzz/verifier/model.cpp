// SPDX-License-Identifier: Apache-2.0
#include "verifier/model.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace openpcc::hostile {

namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::ranges::find(list, value) != list.end();
}

// A name that ends with a point or star stands for all that begin so.
template <std::size_t N>
bool named(const std::string_view (&names)[N], std::string_view field) {
    return std::ranges::any_of(names, [&](std::string_view name) {
        if (name.ends_with('*')) return field.starts_with(name.substr(0, name.size() - 1));
        return field == name;
    });
}

// The node's own choice: nothing is compared with it.
constexpr std::string_view kFree[] = {"statement.keys*", "statement.receipt_key"};
// Read again from the bytes that were signed, and judged below.
constexpr std::string_view kJudged[] = {
    "statement.not_before", "statement.not_after", "statement.model", "statement.engine_profile", "statement.isolation",
    "statement.release", "statement.role", "statement.freshness", "statement.challenge", "statement.beacon",
    "statement.bytes", "client.now", "client.challenge", "client.sent", "client.without_challenge",
    "client.other_platforms", "client.wants_gateway", "policy.*",
    // A list may hold more than the good ones, and not less.
    "served.*",
    // A log that differs and replays to the same registers says the same (verdict.md, eventlog.*).
    "log.*"};
constexpr std::string_view kTdxFree[] = {"machine.ppid", "machine.cpu_svn",        "machine.instance_id",
                                         "machine.smt",  "quote.user_data",        "report.mr_seam",
                                         "qe.cpu_svn",   "qe.isv_ext_prod_id",     "qe.mr_enclave",
                                         "qe.config_id", "qe.config_svn",          "qe.isv_family_id",
                                         "qe.auth_data", "published.signer.serial"};
constexpr std::string_view kTdxJudged[] = {"machine.component_svn",
                                           "machine.pce_svn",
                                           "machine.pce_id",
                                           "machine.fmspc",
                                           "machine.sgx_type",
                                           "machine.not_before",
                                           "machine.not_after",
                                           "machine.extension",
                                           "quote.version",
                                           "quote.body_type",
                                           "report.tee_tcb_svn*",
                                           "report.td_attributes",
                                           "report.xfam",
                                           "report.mrtd",
                                           "report.rtmr*",
                                           "report.mr_service_td",
                                           "report.mr_signer_seam",
                                           "report.seam_attributes",
                                           "qe.misc_select",
                                           "qe.attributes",
                                           "qe.mr_signer",
                                           "qe.isv_prod_id",
                                           "qe.isv_svn",
                                           "published.*"};
constexpr std::string_view kSnpFree[] = {"report.family_id",           "report.image_id",
                                         "report.report_id",           "report.launch_mitigations",
                                         "report.current_mitigations", "issuer.serial"};
constexpr std::string_view kSnpJudged[] = {
    "leaf.not_before",      "leaf.not_after",   "leaf.serial",          "leaf.extension*",          "issuer.not_before",
    "issuer.not_after",     "revoked.*",        "report.bytes",         "report.version",           "report.guest_svn",
    "report.current",       "report.committed", "report.current_tcb",   "report.reported_tcb",      "report.launch_tcb",
    "report.committed_tcb", "report.cpuid",     "report.policy",        "report.platform_info",     "report.key_info",
    "report.measurement",   "report.host_data", "report.id_key_digest", "report.author_key_digest", "report.chip_id",
    "report.vmpl"};

bool statement_in_force(const statement::Core& core, const Client& client) {
    return client.now + Seconds(300) >= core.not_before && client.now < core.not_after &&
           core.not_after - core.not_before <= Seconds(4200);
}

bool fresh(const statement::Core& core, const Client& client) {
    const auto& sent = client.expectation.challenge;
    if (core.freshness.kind == statement::Freshness::Kind::kBeacon) return false;
    if (!sent) return true;  // the development policy lets it pass, with a note
    return core.freshness.kind == statement::Freshness::Kind::kChallenge &&
           core.freshness.challenge == sent->challenge && client.now >= sent->sent &&
           client.now - sent->sent <= client.policy.max_evidence_age;
}

bool policy_names(const statement::Core& core, const Client& client) {
    const policy::Policy& policy = client.policy;
    return policy.preset == policy::Preset::kDevelopment && client.now + Seconds(300) >= policy.issued &&
           client.now < policy.expires && !contains(policy.revoked_releases, core.release) &&
           contains(policy.models, core.model) && contains(policy.engine_profiles, core.engine_profile) &&
           contains(policy.isolation, core.isolation) && policy.roots.required <= 1;
}

bool good_statement(const Node& node) {
    const auto statement = statement::Statement::parse(node.statement);
    if (!statement) return false;
    const statement::Core& core = statement->core;
    return core.role == statement::Role::kNode && node.client.expectation.role == statement::Role::kNode &&
           statement_in_force(core, node.client) && fresh(core, node.client) && policy_names(core, node.client);
}

}  // namespace

bool is_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool young(const evidence::CollateralAge& age, TimePoint issued, TimePoint now) {
    return issued <= now + Seconds(300) && now - issued <= age.red;
}

bool may_differ(Base base, std::string_view field) {
    if (named(kFree, field) || named(kJudged, field)) return true;
    return is_tdx(base) ? named(kTdxFree, field) || named(kTdxJudged, field)
                        : named(kSnpFree, field) || named(kSnpJudged, field);
}

bool acceptable(const Node& node) {
    return good_statement(node) && node.devices.empty() && node.called == node.bound_as &&
           (is_tdx(node.base) ? acceptable_tdx(node) : acceptable_snp(node));
}

}  // namespace openpcc::hostile
