// SPDX-License-Identifier: Apache-2.0
#include "path_setup.hpp"

#include <fmt/format.h>

#include <chrono>

#include "apps/config/config.hpp"
#include "apps/profiles/client_config.hpp"
#include "core/text.hpp"
#include "evidence/simulated/authority.hpp"
#include "trust/policy/policy.hpp"
#include "trust/profile/service_key.hpp"
#include "wire/json.hpp"

namespace openpcc::bench {

namespace {

TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

Result<Digest256> digest_member(const json::Value& object, std::string_view name) {
    const json::Value* value = object.get(name);
    return array_from_hex<Digest256>(value == nullptr ? "" : value->as_string().value_or(""));
}

}  // namespace

Result<void> write_keys(const std::string& folder) {
    const auto service = crypto::SigningKey::generate_ed25519();
    OPENPCC_TRY(const auto root, simulated::RootAuthority::create(wall_clock()));
    const auto write_secret = [&](const std::string& name, const SecretBytes& secret) {
        return secret.with([&](ByteView pem) { return config::write_file(folder + "/" + name, as_text(pem), 0600); });
    };
    OPENPCC_CHECK(write_secret("service.key", service.to_pem()));
    OPENPCC_CHECK(write_secret("root.key", root.key_pem()));
    OPENPCC_CHECK(config::write_file(folder + "/root.pem", root.certificate_pem(), 0644));
    return config::write_file(folder + "/service.txt", profile::service_key_text(service.verifying_key()), 0644);
}

Result<void> write_policy(const std::string& description_path, const std::string& policy_path) {
    OPENPCC_TRY(const std::string description, config::read_file(description_path, 1 << 20));
    OPENPCC_TRY(const auto object, json::parse(as_bytes(description)));
    const json::Value* measurement = object.get("measurement");
    if (measurement == nullptr) return fail(config::kBadFile, description_path + ": no measurement");
    auto policy = policy::Policy::of(policy::Preset::kDevelopment, wall_clock());
    OPENPCC_TRY(const auto registers, policy::TdxMeasurement::parse(as_bytes(measurement->to_text())));
    OPENPCC_TRY(const auto model, digest_member(object, "model"));
    OPENPCC_TRY(const auto profile, digest_member(object, "engine_profile"));
    policy.tdx_measurements.push_back(registers);
    policy.models.push_back(model);
    policy.engine_profiles.push_back(profile);
    return config::write_file(policy_path, policy.to_json(), 0644);
}

}  // namespace openpcc::bench
