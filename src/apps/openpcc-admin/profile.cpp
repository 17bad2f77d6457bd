// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/profile.hpp"

#include <fmt/format.h>

#include "apps/config/config.hpp"
#include "apps/openpcc-admin/options.hpp"
#include "apps/policies/policy_file.hpp"
#include "io/net/endpoint.hpp"
#include "trust/profile/profile.hpp"
#include "trust/profile/service_key.hpp"

namespace openpcc::admin {

namespace {

constexpr std::size_t kMaxKeyFile = 16 * 1024;
constexpr std::size_t kMaxRoots = 64 * 1024;
constexpr unsigned kPublic = 0644;

Result<crypto::SigningKey> load_key(const std::string& path) {
    OPENPCC_TRY(const std::string pem, config::read_private_file(path, kMaxKeyFile));
    auto key = crypto::SigningKey::parse_pem(as_bytes(pem));
    if (!key) return fail(config::kBadFile, path + ": not an unencrypted private key (PEM, PKCS#8)");
    return key;
}

Result<crypto::VerifyingKey> service_key(const std::string& text_or_file) {
    if (text_or_file.starts_with("openpcc-service:")) return profile::parse_service_key(text_or_file);
    OPENPCC_TRY(const auto key, load_key(text_or_file));
    return key.verifying_key();
}

// The key that signs is a signer, when nobody is named.
Result<envelope::SignerSet> signers_of(const ProfileMembers& members, const crypto::SigningKey& key) {
    OPENPCC_TRY(auto set, policies::signer_set(members.signers, members.threshold));
    if (set) return *std::move(set);
    OPENPCC_TRY(auto signer, envelope::Signer::of(key.verifying_key()));
    return envelope::SignerSet::make({std::move(signer)}, 1);
}

Result<profile::Profile> read_claimed(const std::string& path, envelope::Envelope& envelope) {
    OPENPCC_TRY(const std::string text, config::read_file(path, envelope::kMaxEnvelope));
    auto parsed = envelope::Envelope::parse(as_bytes(text));
    if (!parsed) return fail(parsed.error().code(), path + ": " + parsed.error().text());
    envelope = std::move(*parsed).claimed();
    if (envelope.type != profile::kPayloadType) return fail(envelope::kMalformed, path + ": is no service profile");
    OPENPCC_TRY(auto profile, profile::Profile::parse(envelope.payload));
    return std::move(profile).claimed();
}

// What is written is read again first: nothing goes out that a client would refuse for its form.
Result<void> write(const profile::Profile& profile, envelope::Envelope envelope, const crypto::SigningKey& key,
                   const ProfileOptions& options, std::string_view what) {
    OPENPCC_CHECK(profile::Profile::parse(envelope.payload));
    OPENPCC_CHECK(envelope.sign(key));
    const std::string text = envelope.to_json();
    const bool whole = profile::Profile::open(as_bytes(text)).has_value();
    OPENPCC_CHECK(config::write_file(options.out, text + "\n", kPublic));
    if (options.json) {
        auto out = json::Value::object();
        out.set("file", json::Value::string(options.out));
        out.set("name", json::Value::string(profile.name));
        out.set("version", json::Value::integer(profile.version));
        out.set("expires", json::Value::string(to_rfc3339(profile.expires)));
        out.set("fingerprint", json::Value::string(profile.fingerprint()));
        out.set("signed_by_enough", json::Value::boolean(whole));
        fmt::print("{}\n", out.to_text());
        return {};
    }
    fmt::print("{}: {} profile {}, version {}, until {}\nfingerprint: {}\n", options.out, what, profile.name,
               profile.version, to_rfc3339(profile.expires), profile.fingerprint());
    if (!whole)
        fmt::print("{} of its {} signers must sign it: openpcc-admin profile sign\n", profile.signers.threshold(),
                   profile.signers.signers().size());
    return {};
}

// change puts the members that were named in their places.
Result<void> change(const ProfileMembers& members, profile::Profile& profile) {
    if (members.relay) profile.relay = *members.relay;
    if (members.relay_roots) {
        OPENPCC_TRY(profile.relay_roots, config::read_file(*members.relay_roots, kMaxRoots));
    }
    if (members.service_key) {
        OPENPCC_TRY(profile.service_key, service_key(*members.service_key));
    }
    if (members.policy) {
        OPENPCC_TRY(profile.policy, policies::load(*members.policy, std::nullopt));
    }
    if (const auto relay = net::Endpoint::parse(profile.relay); !relay)
        return fail(config::kBadConfig, "--relay: " + relay.error().text());
    return {};
}

Result<void> make(const ProfileOptions& options) {
    OPENPCC_TRY(const auto key, load_key(options.key));
    OPENPCC_TRY(auto signers, signers_of(options.members, key));
    OPENPCC_TRY(auto public_key, service_key(*options.members.service_key));
    const TimePoint now = cli::wall_clock();
    profile::Profile made{options.name,
                          1,
                          now,
                          now + std::chrono::days(options.members.days),
                          "",
                          std::nullopt,
                          std::move(public_key),
                          {},
                          std::move(signers),
                          std::nullopt};
    OPENPCC_CHECK(change(options.members, made));
    if (options.simulated_roots) {
        OPENPCC_TRY(made.simulated_roots, config::read_file(*options.simulated_roots, kMaxRoots));
    }
    return write(made, {std::string(profile::kPayloadType), to_bytes(made.to_json()), {}}, key, options, "made");
}

Result<void> renew(const ProfileOptions& options) {
    OPENPCC_TRY(const auto key, load_key(options.key));
    envelope::Envelope before;
    OPENPCC_TRY(auto profile, read_claimed(options.file, before));
    OPENPCC_CHECK(change(options.members, profile));
    if (!options.members.signers.empty() || options.members.threshold) {
        OPENPCC_TRY(profile.signers, signers_of(options.members, key));
    }
    profile.version += 1;
    profile.issued = cli::wall_clock();
    profile.expires = profile.issued + std::chrono::days(options.members.days);
    return write(profile, {std::string(profile::kPayloadType), to_bytes(profile.to_json()), {}}, key, options,
                 "renewed");
}

Result<void> sign(const ProfileOptions& options) {
    OPENPCC_TRY(const auto key, load_key(options.key));
    envelope::Envelope envelope;
    OPENPCC_TRY(const auto profile, read_claimed(options.file, envelope));
    return write(profile, std::move(envelope), key, options, "signed");
}

Result<void> show(const ProfileOptions& options) {
    OPENPCC_TRY(const std::string text, config::read_file(options.file, envelope::kMaxEnvelope));
    OPENPCC_TRY(const auto profile, profile::Profile::open(as_bytes(text)));
    OPENPCC_CHECK(profile.in_force(cli::wall_clock()));
    if (!options.json) {
        fmt::print("profile {}, version {}, until {}\nrelay {}\nfingerprint: {}\n", profile.name, profile.version,
                   to_rfc3339(profile.expires), profile.relay, profile.fingerprint());
        return {};
    }
    auto out = json::Value::object();
    out.set("fingerprint", json::Value::string(profile.fingerprint()));
    OPENPCC_TRY(auto value, json::parse(as_bytes(profile.to_json())));
    out.set("profile", std::move(value));
    fmt::print("{}\n", out.to_text());
    return {};
}

void add_members(CLI::App& command, ProfileMembers& members, bool all) {
    auto* relay = command.add_option("--relay", members.relay, "The relay's address, as clients reach it");
    command.add_option("--relay-roots", members.relay_roots, "Certificates that the relay's must chain to (PEM)");
    auto* key =
        command.add_option("--service-key", members.service_key, "openpcc-service:..., or the private key's file");
    auto* policy = command.add_option("--policy", members.policy, "The policy that nodes are judged by, bare");
    command.add_option("--signer", members.signers,
                       "Keys that sign profiles of this service; the one of --key alone when absent");
    command.add_option("--threshold", members.threshold, "How many of them must; all when absent");
    command.add_option("--expires", members.days, "For how many days")
        ->capture_default_str()
        ->check(CLI::Range(1, 3650));
    if (all)
        for (auto* option : {relay, key, policy}) option->required();
}

}  // namespace

void add_profile(CLI::App& app, ProfileOptions& options) {
    CLI::App* all = app.add_subcommand("profile", "The signed file that says all a client must know of a service");
    all->require_subcommand(1);
    CLI::App* make = all->add_subcommand("make", "Make a service's first profile, and sign it");
    make->add_option("--name", options.name, "The service: small letters, digits and hyphens")->required();
    CLI::App* renew = all->add_subcommand("renew", "Make the next version; what is not named stays");
    CLI::App* sign = all->add_subcommand("sign", "Add a signature");
    CLI::App* show = all->add_subcommand("show", "Check a profile as a client does, and print its fingerprint");
    for (CLI::App* command : {renew, sign, show})
        command->add_option("file", options.file, "A service profile")->required();
    for (CLI::App* command : {make, renew, sign}) {
        command->add_option("--key", options.key, "A signer's private key (PEM, mode 0600)")->required();
        command->add_option("--out", options.out, "The file to write")->required();
    }
    add_members(*make, options.members, true);
    add_members(*renew, options.members, false);
#if OPENPCC_SIMULATED_HARDWARE
    make->add_option("--simulated-roots", options.simulated_roots, "Throwaway roots of simulated hardware (PEM)");
#endif
    for (CLI::App* command : {make, renew, sign, show}) command->add_flag("--json", options.json, "One JSON object");
}

int profile(const CLI::App& app, const ProfileOptions& options) {
    const std::pair<const char*, Result<void> (*)(const ProfileOptions&)> commands[] = {
        {"make", make}, {"renew", renew}, {"sign", sign}, {"show", show}};
    const CLI::App* all = app.get_subcommand("profile");
    for (const auto& [name, run] : commands) {
        if (!all->got_subcommand(name)) continue;
        const auto done = run(options);
        return done ? cli::kOk : report(done.error(), options.json);
    }
    return cli::kUsage;
}

}  // namespace openpcc::admin
