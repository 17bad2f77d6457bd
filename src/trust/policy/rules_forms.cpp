// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "trust/policy/forms.hpp"

namespace openpcc::policy {

namespace {

using evidence::CollateralAge;
using evidence::Must;

constexpr Must kMusts[] = {Must::kZero, Must::kOne, Must::kAny};
constexpr std::int64_t kMaxByte = 255;

// Statuses that may be amber: UpToDate is green, and Revoked is red whatever a policy says.
constexpr tdx::TcbStatus kAmber[] = {tdx::TcbStatus::kSwHardeningNeeded,
                                     tdx::TcbStatus::kConfigurationNeeded,
                                     tdx::TcbStatus::kConfigurationAndSwHardeningNeeded,
                                     tdx::TcbStatus::kOutOfDate,
                                     tdx::TcbStatus::kOutOfDateConfigurationNeeded,
                                     tdx::TcbStatus::kTdRelaunchAdvised,
                                     tdx::TcbStatus::kTdRelaunchAdvisedConfigurationNeeded};
constexpr snp::Product kProducts[] = {snp::Product::kMilan, snp::Product::kGenoa, snp::Product::kTurin};

Result<std::uint8_t> read_byte(Members& members, std::string_view name) {
    OPENPCC_TRY(const auto value, members.number(name, 0, kMaxByte));
    return static_cast<std::uint8_t>(value);
}

Result<std::uint32_t> read_evaluation(Members& members, std::string_view name) {
    OPENPCC_TRY(const auto value, members.number(name, 0, std::numeric_limits<std::uint32_t>::max()));
    return static_cast<std::uint32_t>(value);
}

Result<tdx::ModuleFloor> read_module(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(auto members, Members::of(value, path));
    tdx::ModuleFloor out;
    OPENPCC_TRY(out.major, read_byte(members, "major"));
    OPENPCC_TRY(out.least, read_byte(members, "least"));
    OPENPCC_CHECK(members.finish());
    return out;
}

Result<snp::Tcb> read_tcb(Members& parent, std::string_view name, snp::Product product) {
    OPENPCC_TRY(auto members, parent.object(name));
    snp::Tcb out;
    if (product == snp::Product::kTurin) {
        OPENPCC_TRY(out.fmc, read_byte(members, "fmc"));
    }
    OPENPCC_TRY(out.boot_loader, read_byte(members, "boot_loader"));
    OPENPCC_TRY(out.tee, read_byte(members, "tee"));
    OPENPCC_TRY(out.snp, read_byte(members, "snp"));
    OPENPCC_TRY(out.microcode, read_byte(members, "microcode"));
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_tcb(const snp::Tcb& tcb, snp::Product product) {
    auto out = json::Value::object();
    if (product == snp::Product::kTurin) out.set("fmc", json::Value::integer(tcb.fmc));
    out.set("boot_loader", json::Value::integer(tcb.boot_loader));
    out.set("tee", json::Value::integer(tcb.tee));
    out.set("snp", json::Value::integer(tcb.snp));
    out.set("microcode", json::Value::integer(tcb.microcode));
    return out;
}

Result<snp::Firmware> read_firmware(Members& parent, std::string_view name) {
    OPENPCC_TRY(auto members, parent.object(name));
    snp::Firmware out;
    OPENPCC_TRY(out.major, read_byte(members, "major"));
    OPENPCC_TRY(out.minor, read_byte(members, "minor"));
    OPENPCC_TRY(out.build, read_byte(members, "build"));
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_firmware(const snp::Firmware& firmware) {
    auto out = json::Value::object();
    out.set("major", json::Value::integer(firmware.major));
    out.set("minor", json::Value::integer(firmware.minor));
    out.set("build", json::Value::integer(firmware.build));
    return out;
}

Result<std::optional<snp::ProductRule::Amber>> read_amber(Members& parent, snp::Product product) {
    OPENPCC_TRY(const json::Value* value, parent.get("amber"));
    if (value->kind() == json::Value::Kind::kNull) return std::nullopt;
    OPENPCC_TRY(auto members, Members::of(*value, parent.path("amber")));
    snp::ProductRule::Amber out;
    OPENPCC_TRY(out.least, read_tcb(members, "least", product));
    OPENPCC_TRY(out.advisories, members.each<std::string>("advisories", read_advisory));
    if (out.advisories.empty()) return bad(members.path("advisories"), "empty: amber names what it leaves open");
    OPENPCC_TRY(out.until, members.moment("until"));
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_amber(const snp::ProductRule& rule) {
    if (!rule.amber) return {};
    auto out = json::Value::object();
    out.set("least", write_tcb(rule.amber->least, rule.product));
    out.set("advisories", write_list(rule.amber->advisories, write_text));
    out.set("until", write_text(to_rfc3339(rule.amber->until)));
    return out;
}

Result<snp::ProductRule> read_product(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(auto members, Members::of(value, path));
    snp::ProductRule out;
    OPENPCC_TRY(out.product, members.one_of("product", kProducts, "`Milan`, `Genoa` or `Turin`"));
    OPENPCC_TRY(out.green, read_tcb(members, "green", out.product));
    OPENPCC_TRY(out.least_firmware, read_firmware(members, "least_firmware"));
    OPENPCC_TRY(out.amber, read_amber(members, out.product));
    OPENPCC_TRY(out.policy, read_bits(members, "policy", snp::kPolicyBits));
    OPENPCC_TRY(out.platform, read_bits(members, "platform", snp::kPlatformBits));
    OPENPCC_TRY(out.platform_unknown, read_must(members, "platform_unknown"));
    if (out.platform_unknown == Must::kOne) return bad(members.path("platform_unknown"), "neither `zero` nor `any`");
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_product(const snp::ProductRule& rule) {
    auto out = json::Value::object();
    out.set("product", write_text(to_string(rule.product)));
    out.set("green", write_tcb(rule.green, rule.product));
    out.set("least_firmware", write_firmware(rule.least_firmware));
    out.set("amber", write_amber(rule));
    out.set("policy", write_bits(snp::kPolicyBits, rule.policy));
    out.set("platform", write_bits(snp::kPlatformBits, rule.platform));
    out.set("platform_unknown", write_text(to_string(rule.platform_unknown)));
    return out;
}

Result<std::string> read_provider(const json::Value& value, const std::string& path) {
    constexpr std::size_t kLimit = 64;
    OPENPCC_TRY(std::string out, read_text(value, path));
    if (!is_printable(out, kLimit)) return bad(path, "not 1 to 64 printable ASCII characters");
    return out;
}

}  // namespace

Result<Must> read_must(Members& members, std::string_view name) {
    return members.one_of(name, kMusts, "`zero`, `one` or `any`");
}

Result<CollateralAge> read_collateral_age(Members& parent) {
    OPENPCC_TRY(auto members, parent.object("collateral_age"));
    OPENPCC_TRY(const auto amber, members.number("amber_days", 0, kMaxDays));
    OPENPCC_TRY(const auto red, members.number("red_days", 0, kMaxDays));
    if (amber > red) return bad(members.path("amber_days"), "more than red_days");
    OPENPCC_CHECK(members.finish());
    return CollateralAge{std::chrono::days(amber), std::chrono::days(red)};
}

json::Value write_collateral_age(const CollateralAge& age) {
    auto out = json::Value::object();
    out.set("amber_days", write_days(age.amber));
    out.set("red_days", write_days(age.red));
    return out;
}

Result<tdx::Rules> read_tdx_rules(Members& members) {
    tdx::Rules out;
    OPENPCC_TRY(out.least_tcb_evaluation, read_evaluation(members, "least_tcb_evaluation"));
    OPENPCC_TRY(out.least_qe_evaluation, read_evaluation(members, "least_qe_evaluation"));
    OPENPCC_TRY(out.modules, members.each<tdx::ModuleFloor>("modules", read_module));
    OPENPCC_CHECK(one_each(out.modules, &tdx::ModuleFloor::major, members.path("modules")));
    OPENPCC_TRY(out.amber, members.each<tdx::TcbStatus>("amber", read_name(kAmber, "a status that can be amber")));
    OPENPCC_TRY(out.accepted_advisories, members.each<std::string>("accepted_advisories", read_advisory));
    OPENPCC_TRY(out.denied_advisories, members.each<std::string>("denied_advisories", read_advisory));
    OPENPCC_TRY(const auto grace, members.number("grace_days", 0, kMaxDays));
    out.grace = std::chrono::days(grace);
    OPENPCC_TRY(out.collateral_age, read_collateral_age(members));
    OPENPCC_TRY(out.attributes, read_bits(members, "attributes", tdx::kAttributeBits));
    OPENPCC_TRY(out.xfam, read_bits(members, "xfam", tdx::kXfamBits));
    OPENPCC_TRY(out.service_tds, members.each<ByteArray<48>>("service_tds", read_hex<ByteArray<48>>));
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_tdx_rules(const tdx::Rules& rules) {
    auto out = json::Value::object();
    out.set("least_tcb_evaluation", json::Value::integer(rules.least_tcb_evaluation));
    out.set("least_qe_evaluation", json::Value::integer(rules.least_qe_evaluation));
    out.set("modules", write_list(rules.modules, [](const tdx::ModuleFloor& floor) {
                auto module = json::Value::object();
                module.set("major", json::Value::integer(floor.major));
                module.set("least", json::Value::integer(floor.least));
                return module;
            }));
    out.set("amber", write_list(rules.amber, [](tdx::TcbStatus status) { return write_text(to_string(status)); }));
    out.set("accepted_advisories", write_list(rules.accepted_advisories, write_text));
    out.set("denied_advisories", write_list(rules.denied_advisories, write_text));
    out.set("grace_days", write_days(rules.grace));
    out.set("collateral_age", write_collateral_age(rules.collateral_age));
    out.set("attributes", write_bits(tdx::kAttributeBits, rules.attributes));
    out.set("xfam", write_bits(tdx::kXfamBits, rules.xfam));
    out.set("service_tds", write_list(rules.service_tds, write_hex));
    return out;
}

Result<snp::Rules> read_snp_rules(Members& members) {
    constexpr std::int64_t kLastVmpl = 3;
    snp::Rules out;
    OPENPCC_TRY(out.products, members.each<snp::ProductRule>("products", read_product));
    OPENPCC_CHECK(one_each(out.products, &snp::ProductRule::product, members.path("products")));
    OPENPCC_TRY(out.vlek_providers, members.each<std::string>("vlek_providers", read_provider));
    OPENPCC_TRY(const auto vmpl, members.number("vmpl", 0, kLastVmpl));
    out.vmpl = static_cast<std::uint32_t>(vmpl);
    OPENPCC_TRY(out.provisional_tcb, members.truth("provisional_tcb"));
    OPENPCC_TRY(out.collateral_age, read_collateral_age(members));
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_snp_rules(const snp::Rules& rules) {
    auto out = json::Value::object();
    out.set("products", write_list(rules.products, write_product));
    out.set("vlek_providers", write_list(rules.vlek_providers, write_text));
    out.set("vmpl", json::Value::integer(rules.vmpl));
    out.set("provisional_tcb", json::Value::boolean(rules.provisional_tcb));
    out.set("collateral_age", write_collateral_age(rules.collateral_age));
    return out;
}

}  // namespace openpcc::policy
