// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/services.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "apps/config/config.hpp"
#include "apps/openpcc/errors.hpp"
#include "apps/openpcc/output.hpp"
#include "apps/profiles/added.hpp"
#include "apps/profiles/client_config.hpp"
#include "io/http/client.hpp"
#include "trust/policy/explain.hpp"

namespace openpcc::cli {

namespace {

using profiles::Added;

constexpr std::string_view kHttps = "https://";
constexpr auto kFetchTime = std::chrono::seconds(30);

Added added() { return Added(profiles::user_folder()); }

// fetch takes a profile from an address. Its signature decides whether it is believed, so nothing else is asked of the
// answer; but whoever answers learns that somebody here adds the service, and a redirect would tell another too.
Result<std::string> fetch(std::string_view url) {
    const std::size_t slash = url.find('/', kHttps.size());
    if (slash == std::string_view::npos) return fail(config::kBadConfig, "the address has no path: https://HOST/PATH");
    OPENPCC_TRY(const auto endpoint, net::Endpoint::parse(url.substr(0, slash)));
    OPENPCC_TRY(const auto tls, net::TlsClient::system_roots());
    net::Loop loop;
    http::ClientLimits limits;
    limits.head_time = limits.read_time = kFetchTime;
    const auto client = http::Client::make(loop, endpoint, limits, tls);
    http::RequestHead head{"GET", "", "", std::string(url.substr(slash)), {}};
    OPENPCC_TRY(const auto answer,
                loop.run_until_done(client->fetch(std::move(head), ByteView(), envelope::kMaxEnvelope)));
    if (answer.head.status != 200)
        return fail(kNoProfile, fmt::format("status {}; redirects are not followed", answer.head.status));
    return to_string(answer.content);
}

Result<std::string> read(const std::string& source) {
    if (source.starts_with(kHttps)) return fetch(source);
    if (source.find("://") != std::string::npos)
        return fail(config::kBadConfig, "an address of a profile starts with https://");
    return config::read_file(source, envelope::kMaxEnvelope);
}

void print_summary(const profile::Profile& profile) {
    const auto& signers = profile.signers;
    fmt::print("service {}, profile version {}, until {}\n", profile.name, profile.version,
               to_rfc3339(profile.expires));
    fmt::print("  relay         {}\n", profile.relay);
    fmt::print("  signed by     {} of {} keys\n", signers.threshold(), signers.signers().size());
    if (profile.simulated_roots) fmt::print("  hardware      SIMULATED: it protects nothing, and is for development\n");
    fmt::print("  who may read prompts, by the policy {}:\n", profile.policy.name);
    for (const auto& sentence : policy::explain(profile.policy, wall_clock()))
        fmt::print("    {}: {}\n", sentence.member, sentence.text);
    fmt::print("  fingerprint   {}\n", profile.fingerprint());
}

// A new service is added by somebody who has compared its fingerprint: here, or before a script was written.
Result<void> confirm(const profile::Profile& profile, const ServicesOptions& options) {
    if (options.fingerprint) {
        if (profile::is_fingerprint(*options.fingerprint, profile.fingerprint())) return {};
        return fail(kOtherFingerprint, "the profile's fingerprint is " + profile.fingerprint());
    }
    if (options.json || ::isatty(STDIN_FILENO) != 1)
        return fail(kNotConfirmed, "nobody can be asked here; the profile's fingerprint is " + profile.fingerprint());
    print_summary(profile);
    fmt::print("\nIs this the fingerprint that the service publishes? [y/N] ");
    std::fflush(stdout);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "yes") return {};
    return fail(kNotConfirmed, "nothing was added");
}

json::Value to_value(const profile::Profile& profile) {
    auto out = json::Value::object();
    out.set("name", json::Value::string(profile.name));
    out.set("version", json::Value::integer(profile.version));
    out.set("expires", json::Value::string(to_rfc3339(profile.expires)));
    out.set("relay", json::Value::string(profile.relay));
    out.set("policy", json::Value::string(profile.policy.name));
    out.set("fingerprint", json::Value::string(profile.fingerprint()));
    out.set("simulated", json::Value::boolean(profile.simulated_roots.has_value()));
    return out;
}

Result<ExitCode> add(const ServicesOptions& options) {
    OPENPCC_TRY(const std::string text, read(options.source));
    OPENPCC_TRY(const auto offer, added().judge(as_bytes(text)));
    const profile::Profile& profile = offer.profile;
    OPENPCC_CHECK(profile.in_force(wall_clock()));
    OPENPCC_CHECK(profiles::client_profile(profile));
    if (options.fingerprint || offer.change == Added::Change::kNew) OPENPCC_CHECK(confirm(profile, options));
    if (offer.change != Added::Change::kNone) OPENPCC_CHECK(added().store(offer, as_bytes(text)));
    const std::string_view what = offer.change == Added::Change::kNew     ? "added"
                                  : offer.change == Added::Change::kNewer ? "renewed"
                                                                          : "unchanged";
    if (options.json) {
        auto out = to_value(profile);
        out.set("change", json::Value::string(what));
        fmt::print("{}\n", out.to_text());
    } else {
        fmt::print("openpcc: {} {}, version {}, fingerprint {}\n", what, profile.name, profile.version,
                   profile.fingerprint());
    }
    return kOk;
}

// How one service stands now: "in force", or why not.
std::string standing(const Result<profile::Profile>& profile) {
    if (!profile) return profile.error().describe();
    const auto in_force = profile->in_force(wall_clock());
    return in_force ? "until " + to_rfc3339(profile->expires) : in_force.error().text();
}

Result<ExitCode> list(const ServicesOptions& options) {
    OPENPCC_TRY(const auto names, added().names());
    const std::string in_use = added().in_use().value_or("");
    auto out = json::Value::array();
    ExitCode code = kOk;
    for (const std::string& name : names) {
        const auto profile = added().load(name);
        const std::string stands = standing(profile);
        if (!profile || !profile->in_force(wall_clock())) code = kNotVerified;
        if (options.json) {
            auto one = profile ? to_value(*profile) : json::Value::object();
            one.set("name", json::Value::string(name));
            one.set("in_use", json::Value::boolean(name == in_use));
            one.set("standing", json::Value::string(stands));
            out.push(std::move(one));
        } else {
            fmt::print("{} {}  {}\n", name == in_use ? "*" : " ", name, stands);
        }
    }
    if (options.json) fmt::print("{}\n", out.to_text());
    if (!options.json && names.empty()) fmt::print("no service was added yet: openpcc add FILE|URL\n");
    return code;
}

Result<ExitCode> use(const ServicesOptions& options) {
    OPENPCC_CHECK(added().use(options.name));
    if (!options.json) fmt::print("openpcc: {} is in use\n", options.name);
    return kOk;
}

Result<ExitCode> remove(const ServicesOptions& options) {
    OPENPCC_CHECK(added().remove(options.name));
    if (!options.json) fmt::print("openpcc: {} is removed\n", options.name);
    return kOk;
}

}  // namespace

void add_services(CLI::App& app, ServicesOptions& options) {
    CLI::App* add = app.add_subcommand("add", "Add a service by its signed profile, or renew it");
    add->add_option("source", options.source, "A file, or an https address")->required();
    add->add_option("--fingerprint", options.fingerprint,
                    "The service's, from where it publishes it; asked when absent");
    add->add_flag("--json", options.json, "One JSON object");
    CLI::App* list = app.add_subcommand("services", "List the services that were added, and how they stand");
    list->add_flag("--json", options.json, "One list of objects");
    CLI::App* use = app.add_subcommand("use", "Say which service is meant when none is named");
    use->add_option("name", options.name, "A service that was added")->required();
    CLI::App* remove = app.add_subcommand("remove", "Forget a service");
    remove->add_option("name", options.name, "A service that was added")->required();
}

std::optional<ExitCode> services(const CLI::App& app, const ServicesOptions& options) {
    const std::pair<const char*, Result<ExitCode> (*)(const ServicesOptions&)> commands[] = {
        {"add", add}, {"services", list}, {"use", use}, {"remove", remove}};
    for (const auto& [name, run] : commands) {
        if (!app.got_subcommand(name)) continue;
        const auto code = run(options);
        return code ? *code : report(code.error(), options.json);
    }
    return std::nullopt;
}

}  // namespace openpcc::cli
