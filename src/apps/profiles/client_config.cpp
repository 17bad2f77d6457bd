// SPDX-License-Identifier: Apache-2.0
#include "apps/profiles/client_config.hpp"

#include "apps/policies/policy_file.hpp"
#include "apps/profiles/added.hpp"
#include "crypto/x509/x509.hpp"
#include "trust/collateral/collection.hpp"
#include "trust/profile/service_key.hpp"

namespace openpcc::profiles {

Result<void> add_simulated_roots(std::string_view pem, const std::string& from, verify::Roots& roots) {
#if OPENPCC_SIMULATED_HARDWARE
    auto chain = x509::Certificate::parse_pem_chain(as_bytes(pem), 8);
    if (!chain) return fail(config::kBadConfig, from + ": not certificates (PEM)");
    roots.simulated.tdx = std::move(*chain);
    return {};
#else
    (void)pem;
    (void)roots;
    return fail(config::kBadConfig, from + ": this build knows no simulated hardware");
#endif
}

Result<void> load_simulated_roots(const std::string& path, verify::Roots& roots) {
    OPENPCC_TRY(const std::string pem, config::read_file(path, 64 * 1024));
    return add_simulated_roots(pem, path, roots);
}

namespace {

Result<collateral::Collection> parse_collateral(std::string_view file, const std::string& from) {
    auto collection = collateral::Collection::parse(as_bytes(file));
    if (!collection) return fail(config::kBadConfig, from + ": " + collection.error().describe());
    return std::move(*collection).claimed();
}

Result<collateral::Collection> read_collateral(const std::string& path) {
    OPENPCC_TRY(const std::string text, config::read_file(path, collateral::kMaxFile));
    return parse_collateral(text, path);
}

}  // namespace

Result<verify::SignedCollateral> load_collateral(const std::string& path, const verify::Roots& roots) {
    OPENPCC_TRY(const auto collection, read_collateral(path));
    return verify::sign_checked(collection, roots);
}

Result<verify::SignedCollateral> open_collateral(std::string_view file, const std::string& from,
                                                 const verify::Roots& roots) {
    OPENPCC_TRY(const auto collection, parse_collateral(file, from));
    return verify::sign_checked(collection, roots);
}

Result<client::Profile> read_config(config::File& file) {
    const net::Endpoint relay = file.endpoint("relay");
    const auto relay_roots = file.optional_path("relay_roots");
    const std::string service_key = file.text("service_key");
    const std::string policy_path = file.path("policy");
    const auto signer_texts = file.optional_texts("policy_signers");
    const std::int64_t threshold = file.number_or("policy_threshold", 0, 0, 16);
    const auto collateral_path = file.optional_path("collateral");
    const auto simulated = file.optional_path("simulated.roots");
    const auto signers = policies::signer_set(signer_texts, threshold == 0 ? std::nullopt : std::optional(threshold));
    if (!signers) file.problem("policy_signers", signers.error().text());
    auto key = profile::parse_service_key(service_key);
    if (!key && !service_key.empty()) file.problem("service_key", key.error().text());
    OPENPCC_CHECK(file.finish());

    OPENPCC_TRY(auto policy, policies::load(policy_path, *signers));
    verify::Roots roots = verify::genuine_roots();
    if (simulated) OPENPCC_CHECK(load_simulated_roots(*simulated, roots));
    collateral::Collection collateral;
    if (collateral_path) {
        OPENPCC_TRY(collateral, read_collateral(*collateral_path));
    }
    std::shared_ptr<const net::TlsClient> tls;
    if (relay.kind == net::Endpoint::Kind::kTls) {
        OPENPCC_TRY(tls, relay_roots ? net::TlsClient::roots_from_file(*relay_roots) : net::TlsClient::system_roots());
    }
    return client::Profile{
        relay, std::move(tls), std::move(*key), std::move(policy), std::move(roots), std::move(collateral)};
}

Result<client::Profile> load_config(const std::string& path) {
    OPENPCC_TRY(auto file, config::File::load(path));
    return read_config(file);
}

Result<client::Profile> client_profile(const profile::Profile& profile) {
    const std::string from = "the profile of " + profile.name;
    const auto relay = net::Endpoint::parse(profile.relay);
    if (!relay) return fail(config::kBadConfig, from + ": its relay is no address: " + relay.error().text());
    verify::Roots roots = verify::genuine_roots();
    if (profile.simulated_roots) OPENPCC_CHECK(add_simulated_roots(*profile.simulated_roots, from, roots));
    std::shared_ptr<const net::TlsClient> tls;
    if (relay->kind == net::Endpoint::Kind::kTls) {
        OPENPCC_TRY(tls, profile.relay_roots ? net::TlsClient::roots_from_pem(*profile.relay_roots)
                                             : net::TlsClient::system_roots());
    }
    return client::Profile{*relay, std::move(tls), profile.service_key, profile.policy, std::move(roots), {}};
}

Result<client::Profile> load_added(const std::optional<std::string>& name, TimePoint now) {
    const Added added(user_folder());
    std::string chosen;
    if (name) {
        chosen = *name;
    } else {
        OPENPCC_TRY(chosen, added.in_use());
    }
    OPENPCC_TRY(const auto profile, added.load(chosen));
    OPENPCC_CHECK(profile.in_force(now));
    return client_profile(profile);
}

}  // namespace openpcc::profiles
