// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/policy_make.hpp"

#include <algorithm>

#include "apps/config/config.hpp"
#include "core/text.hpp"
#include "wire/json.hpp"

namespace openpcc::admin {

namespace {

constexpr std::size_t kMaxInput = 64 * 1024;

void add(policy::Policy& policy, policy::Measurement measurement) {
    if (auto* tdx = std::get_if<policy::TdxMeasurement>(&measurement))
        policy.tdx_measurements.push_back(std::move(*tdx));
    else
        policy.snp_measurements.push_back(std::get<policy::SnpMeasurement>(std::move(measurement)));
}

Result<policy::Measurement> read_measurement(const std::string& path) {
    OPENPCC_TRY(const std::string text, config::read_file(path, kMaxInput));
    auto measurement = policy::parse_measurement(as_bytes(text));
    if (!measurement) return fail(policy::kBadPolicy, path + ": " + measurement.error().text());
    return measurement;
}

Result<void> add_digest(std::vector<Digest256>& list, std::string_view option, std::string_view hex) {
    const auto digest = array_from_hex<Digest256>(hex);
    if (!digest) return fail(config::kBadConfig, std::string(option) + ": expected 64 hex digits");
    if (std::ranges::find(list, *digest) == list.end()) list.push_back(*digest);
    return {};
}

Result<void> add_digests(std::vector<Digest256>& list, std::string_view option, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) OPENPCC_CHECK(add_digest(list, option, text));
    return {};
}

// What `noded --describe` prints: a measurement, a model and an engine profile.
Result<void> add_description(policy::Policy& policy, const std::string& path) {
    OPENPCC_TRY(const std::string text, config::read_file(path, kMaxInput));
    const auto value = json::parse(as_bytes(text));
    const auto member = [&](std::string_view name) { return value ? value->get(name) : nullptr; };
    const json::Value* measurement = member("measurement");
    if (measurement == nullptr) return fail(config::kBadFile, path + ": is not what `noded --describe` prints");
    if (measurement->kind() != json::Value::Kind::kNull) {  // genuine hardware: its measurement comes with the release
        auto read = policy::parse_measurement(as_bytes(measurement->to_text()));
        if (!read) return fail(policy::kBadPolicy, path + ": " + read.error().text());
        add(policy, std::move(*read));
    }
    const auto digest = [&](std::string_view name) {
        const json::Value* found = member(name);
        return found == nullptr ? std::string() : std::string(found->as_string().value_or(""));
    };
    OPENPCC_CHECK(add_digest(policy.models, path + ": model", digest("model")));
    return add_digest(policy.engine_profiles, path + ": engine_profile", digest("engine_profile"));
}

policy::Preset preset_of(std::string_view name) {
    for (const policy::Preset preset : policy::kPresets)
        if (name == to_string(preset)) return preset;
    return policy::Preset::kStrict;  // the command line lets no other name through
}

}  // namespace

Result<policy::Policy> make_policy(const MakeOptions& options, TimePoint now) {
    auto out = policy::Policy::of(preset_of(options.preset), now);
    if (!options.name.empty()) out.name = options.name;
    out.expires = now + std::chrono::days(options.days);
    for (const std::string& path : options.measurements) {
        OPENPCC_TRY(auto measurement, read_measurement(path));
        add(out, std::move(measurement));
    }
    for (const std::string& path : options.descriptions) OPENPCC_CHECK(add_description(out, path));
    OPENPCC_CHECK(add_digests(out.models, "--model", options.models));
    OPENPCC_CHECK(add_digests(out.engine_profiles, "--engine-profile", options.engine_profiles));
    if (!options.hardware.empty()) {
        out.hardware = {};
        OPENPCC_CHECK(add_digests(out.hardware.ids, "--hardware", options.hardware));
    }
    // What cannot be read is not written: a release id or a name may be of a wrong form, or a measurement stand twice.
    return policy::Policy::parse(as_bytes(out.to_json()));
}

}  // namespace openpcc::admin
