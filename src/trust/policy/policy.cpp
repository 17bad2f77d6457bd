// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/policy.hpp"

#include <algorithm>

#include "trust/policy/forms.hpp"

namespace openpcc::policy {

namespace {

constexpr std::int64_t kFormat = 2;
constexpr std::int64_t kMaxAge = 24 * 60 * 60;
constexpr std::int64_t kMaxCandidates = 8;
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxReason = 256;

using statement::Isolation;
constexpr Isolation kIsolations[] = {Isolation::kSharedWorker, Isolation::kWorkerPerRequest,
                                     Isolation::kEnginePerConversation, Isolation::kVmPerTenant};

constexpr std::string_view kExcusable[] = {
    "tdx.tcb",
    "tdx.tcb_evaluation",
    "tdx.module_floor",
    "tdx.attributes.perfmon",
    "snp.tcb.reported",
    "snp.tcb.committed",
    "snp.tcb.launch",
    "snp.firmware",
    "snp.policy.smt",
    "snp.policy.single_socket",
    "snp.policy.cxl",
    "snp.policy.aes_256_xts",
    "snp.policy.rapl_dis",
    "snp.policy.ciphertext_hiding",
    "snp.policy.page_swap_disable",
    "snp.platform.smt",
    "snp.platform.tsme",
    "snp.platform.ecc",
    "snp.platform.rapl_disabled",
    "snp.platform.ciphertext_hiding",
    "snp.platform.alias_check",
    "snp.platform.tio",
    "snp.platform.unknown",
};

Result<void> read_version(Members& members) {
    OPENPCC_TRY(const json::Value* value, members.get("version"));
    const auto version = value->as_int();
    if (version == 1)
        return bad("version",
                   "1 is the form of earlier versions; write a policy anew with `openpcc-admin policy make`");
    if (version != kFormat) return bad("version", "not 2, the only one that this program reads");
    return {};
}

Result<void> read_head(Members& members, Policy& out) {
    OPENPCC_TRY(out.name, members.text("name"));
    if (!is_printable(out.name, kMaxName)) return bad("name", "not 1 to 128 printable ASCII characters");
    OPENPCC_TRY(out.issued, members.moment("issued"));
    OPENPCC_TRY(out.expires, members.moment("expires"));
    if (out.expires <= out.issued) return bad("expires", "not after `issued`");
    OPENPCC_TRY(out.preset, members.one_of("preset", kPresets, "`strict`, `standard`, `two-roots` or `development`"));
    return {};
}

Result<RootRule> read_roots(Members& parent) {
    OPENPCC_TRY(auto members, parent.object("roots"));
    RootRule out;
    OPENPCC_TRY(const auto required, members.number("required", 1, std::ssize(kVendorRoots)));
    out.required = static_cast<std::uint32_t>(required);
    OPENPCC_TRY(out.of, members.each<VendorRoot>("of", read_name(kVendorRoots, "`intel`, `amd` or `nvidia`")));
    OPENPCC_CHECK(members.finish());
    return out;
}

// A TEE without rules is `null`, written out: it is refused.
template <class Rules>
Result<std::optional<Rules>> read_tee(Members& parent, std::string_view name, Result<Rules> (*read)(Members&)) {
    OPENPCC_TRY(const json::Value* value, parent.get(name));
    if (value->kind() == json::Value::Kind::kNull) return std::nullopt;
    OPENPCC_TRY(auto members, Members::of(*value, parent.path(name)));
    OPENPCC_TRY(Rules rules, read(members));
    return rules;
}

Result<std::string> read_release(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(std::string out, read_text(value, path));
    if (!statement::is_release_id(out)) return bad(path, "not a release id");
    return out;
}

Result<void> read_releases(Members& members, Policy& out) {
    OPENPCC_TRY(auto measurements, members.each<Measurement>("measurements", read_measurement));
    for (Measurement& measurement : measurements) {
        if (auto* tdx = std::get_if<TdxMeasurement>(&measurement))
            out.tdx_measurements.push_back(std::move(*tdx));
        else
            out.snp_measurements.push_back(std::get<SnpMeasurement>(std::move(measurement)));
    }
    OPENPCC_TRY(out.revoked_releases, members.each<std::string>("revoked_releases", read_release));
    OPENPCC_TRY(out.models, members.each<Digest256>("models", read_hex<Digest256>));
    OPENPCC_TRY(out.engine_profiles, members.each<Digest256>("engine_profiles", read_hex<Digest256>));
    return {};
}

Result<Hardware> read_hardware(Members& parent) {
    OPENPCC_TRY(auto members, parent.object("hardware"));
    OPENPCC_TRY(const std::string rule, members.text("rule"));
    if (rule != "any" && rule != "listed") return bad(members.path("rule"), "neither `any` nor `listed`");
    Hardware out;
    out.rule = rule == "any" ? Hardware::Rule::kAny : Hardware::Rule::kListed;
    if (out.rule == Hardware::Rule::kListed) {
        OPENPCC_TRY(out.ids, members.each<Digest256>("ids", read_hex<Digest256>));
    }
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_hardware(const Hardware& hardware) {
    auto out = json::Value::object();
    const bool any = hardware.rule == Hardware::Rule::kAny;
    out.set("rule", write_text(any ? "any" : "listed"));
    if (!any) out.set("ids", write_list(hardware.ids, write_hex));
    return out;
}

Result<Exception> read_exception(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(auto members, Members::of(value, path));
    Exception out;
    OPENPCC_TRY(out.check, members.text("check"));
    if (std::ranges::find(kExcusable, out.check) == std::end(kExcusable))
        return bad(members.path("check"), "not a check that can be excused");
    OPENPCC_TRY(auto scope, members.object("scope"));
    const auto platform = scope.get("platform");
    if (platform) {
        OPENPCC_TRY(out.scope, scope.hex<Digest256>("platform"));
    } else {
        OPENPCC_TRY(const json::Value* release, scope.get("release"));
        OPENPCC_TRY(out.scope, read_release(*release, scope.path("release")));
    }
    OPENPCC_CHECK(scope.finish());
    OPENPCC_TRY(out.reason, members.text("reason"));
    if (!is_printable(out.reason, kMaxReason))
        return bad(members.path("reason"), "not 1 to 256 printable ASCII characters");
    OPENPCC_TRY(const json::Value* advisory, members.get("advisory"));
    OPENPCC_TRY(out.advisory, read_advisory(*advisory, members.path("advisory")));
    OPENPCC_TRY(out.until, members.moment("until"));
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_exception(const Exception& exception) {
    auto scope = json::Value::object();
    if (const auto* platform = std::get_if<Digest256>(&exception.scope))
        scope.set("platform", write_hex(*platform));
    else
        scope.set("release", write_text(std::get<std::string>(exception.scope)));
    auto out = json::Value::object();
    out.set("check", write_text(exception.check));
    out.set("scope", std::move(scope));
    out.set("reason", write_text(exception.reason));
    out.set("advisory", write_text(exception.advisory));
    out.set("until", write_text(to_rfc3339(exception.until)));
    return out;
}

Result<void> read_service(Members& members, Policy& out) {
    OPENPCC_TRY(out.hardware, read_hardware(members));
    OPENPCC_TRY(out.isolation, members.each<Isolation>("isolation", read_name(kIsolations, "an isolation class")));
    OPENPCC_TRY(out.exceptions, members.each<Exception>("exceptions", read_exception));
    const auto subject = [](const Exception& exception) { return std::pair(exception.check, exception.scope); };
    OPENPCC_CHECK(one_each(out.exceptions, subject, "exceptions"));
    OPENPCC_TRY(const auto age, members.number("max_evidence_age", 1, kMaxAge));
    out.max_evidence_age = Seconds(age);
    OPENPCC_TRY(const auto candidates, members.number("candidates", 1, kMaxCandidates));
    out.candidates = static_cast<std::uint32_t>(candidates);
    OPENPCC_TRY(out.require_pq, members.truth("require_pq"));
    return {};
}

json::Value write_roots(const RootRule& roots) {
    auto out = json::Value::object();
    out.set("required", json::Value::integer(roots.required));
    out.set("of", write_list(roots.of, [](VendorRoot root) { return write_text(to_string(root)); }));
    return out;
}

json::Value write_measurements(const Policy& policy) {
    auto out = json::Value::array();
    for (const auto& measurement : policy.tdx_measurements) out.push(write_measurement(measurement));
    for (const auto& measurement : policy.snp_measurements) out.push(write_measurement(measurement));
    return out;
}

}  // namespace

std::span<const std::string_view> excusable_checks() { return kExcusable; }

std::string_view to_string(Preset preset) {
    switch (preset) {
        case Preset::kStrict:
            return "strict";
        case Preset::kStandard:
            return "standard";
        case Preset::kTwoRoots:
            return "two-roots";
        case Preset::kDevelopment:
            return "development";
    }
    return "strict";
}

std::string_view to_string(VendorRoot root) {
    switch (root) {
        case VendorRoot::kIntel:
            return "intel";
        case VendorRoot::kAmd:
            return "amd";
        case VendorRoot::kNvidia:
            return "nvidia";
    }
    return "unknown";
}

Result<Policy> Policy::parse(ByteView text) {
    OPENPCC_TRY(const auto value, read_json(text));
    OPENPCC_TRY(auto members, Members::of(value, ""));
    OPENPCC_CHECK(read_version(members));
    Policy out;
    OPENPCC_CHECK(read_head(members, out));
    OPENPCC_TRY(out.roots, read_roots(members));
    OPENPCC_TRY(out.tdx, read_tee<tdx::Rules>(members, "tdx", read_tdx_rules));
    OPENPCC_TRY(out.snp, read_tee<snp::Rules>(members, "snp", read_snp_rules));
    OPENPCC_CHECK(read_releases(members, out));
    OPENPCC_CHECK(read_service(members, out));
    OPENPCC_CHECK(members.finish());
    return out;
}

Result<Policy> Policy::open(ByteView signed_policy, const envelope::SignerSet& signers) {
    OPENPCC_TRY(const Bytes payload, envelope::open(signed_policy, kPayloadType, signers));
    return parse(payload);
}

std::string Policy::to_json() const {
    auto out = json::Value::object();
    out.set("version", json::Value::integer(kFormat));
    out.set("name", write_text(name));
    out.set("issued", write_text(to_rfc3339(issued)));
    out.set("expires", write_text(to_rfc3339(expires)));
    out.set("preset", write_text(to_string(preset)));
    out.set("roots", write_roots(roots));
    out.set("tdx", tdx ? write_tdx_rules(*tdx) : json::Value());
    out.set("snp", snp ? write_snp_rules(*snp) : json::Value());
    out.set("measurements", write_measurements(*this));
    out.set("revoked_releases", write_list(revoked_releases, write_text));
    out.set("models", write_list(models, write_hex));
    out.set("engine_profiles", write_list(engine_profiles, write_hex));
    out.set("hardware", write_hardware(hardware));
    out.set("isolation", write_list(isolation, [](Isolation class_) { return write_text(to_string(class_)); }));
    out.set("exceptions", write_list(exceptions, write_exception));
    out.set("max_evidence_age", json::Value::integer(max_evidence_age.count()));
    out.set("candidates", json::Value::integer(candidates));
    out.set("require_pq", json::Value::boolean(require_pq));
    return out.to_text();
}

}  // namespace openpcc::policy
