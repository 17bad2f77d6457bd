// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "apps/openpcc-admin/options.hpp"
#include "apps/openpcc-admin/policy_make.hpp"
#include "apps/policies/policy_file.hpp"
#include "trust/policy/diff.hpp"
#include "trust/policy/lint.hpp"

namespace openpcc::admin {

namespace {

using policy::Finding;

constexpr std::size_t kMaxKeyFile = 16 * 1024;
constexpr unsigned kPublic = 0644;
constexpr std::int64_t kMaxDays = 3650;

bool has_error(const std::vector<Finding>& findings) {
    return std::ranges::find(findings, Finding::Severity::kError, &Finding::severity) != findings.end();
}

void print_findings(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings)
        fmt::print(stderr, "openpcc-admin: {}: {}: {}\n", to_string(finding.severity), finding.member, finding.text);
}

json::Value findings_to_value(const std::vector<Finding>& findings) {
    auto list = json::Value::array();
    for (const Finding& finding : findings) {
        auto& one = list.push(json::Value::object());
        one.set("level", json::Value::string(to_string(finding.severity)));
        one.set("member", json::Value::string(finding.member));
        one.set("text", json::Value::string(finding.text));
    }
    return list;
}

Result<cli::ExitCode> make(const MakeOptions& options) {
    const TimePoint now = cli::wall_clock();
    OPENPCC_TRY(const auto made, make_policy(options, now));
    OPENPCC_TRY(const auto value, json::parse(as_bytes(made.to_json())));
    OPENPCC_CHECK(config::write_file(options.out, cli::indented(value), kPublic));
    const auto findings = policy::lint(made, now);
    if (options.json) {
        auto out = json::Value::object();
        out.set("file", json::Value::string(options.out));
        out.set("expires", json::Value::string(to_rfc3339(made.expires)));
        out.set("findings", findings_to_value(findings));
        fmt::print("{}\n", out.to_text());
    } else {
        fmt::print("{}: policy {}, until {}\n", options.out, made.name, to_rfc3339(made.expires));
        print_findings(findings);
    }
    return cli::kOk;
}

// A policy that must not be signed is not signed; there is no option to do it anyway.
Result<cli::ExitCode> sign(const SignOptions& options) {
    OPENPCC_TRY(auto file, policies::read_claimed(options.file));
    policies::Claimed claimed = std::move(file).claimed();
    const auto findings = policy::lint(claimed.policy, cli::wall_clock());
    if (!options.json) print_findings(findings);
    if (has_error(findings)) return fail(policy::kBadPolicy, options.file + ": is not signed: `policy check` says why");
    OPENPCC_TRY(const std::string pem, config::read_private_file(options.key, kMaxKeyFile));
    const auto key = crypto::SigningKey::parse_pem(as_bytes(pem));
    if (!key) return fail(config::kBadFile, options.key + ": not an unencrypted private key (PEM, PKCS#8)");
    OPENPCC_CHECK(claimed.envelope.sign(*key));
    OPENPCC_CHECK(config::write_file(options.out, claimed.envelope.to_json() + "\n", kPublic));
    OPENPCC_TRY(const auto signer, envelope::Signer::of(key->verifying_key()));
    const auto count = claimed.envelope.signatures.size();
    if (options.json) {
        auto out = json::Value::object();
        out.set("file", json::Value::string(options.out));
        out.set("signer", json::Value::string(signer.to_text()));
        out.set("signatures", json::Value::integer(static_cast<std::int64_t>(count)));
        fmt::print("{}\n", out.to_text());
    } else {
        fmt::print("{}: signed by {}, {} signature{} in all\n", options.out, signer.to_text(), count,
                   count == 1 ? "" : "s");
    }
    return cli::kOk;
}

// What may be said about signatures without keys to judge them by.
std::string_view signature_text(const policies::Claimed& claimed, bool judged) {
    if (judged) return "signed by enough of the signers";
    return claimed.envelope.signatures.empty() ? "not signed" : "signatures not judged: --signer says by which keys";
}

Result<cli::ExitCode> check(const CheckOptions& options) {
    OPENPCC_TRY(const TimePoint now, options.at ? parse_rfc3339(*options.at) : cli::wall_clock());
    OPENPCC_TRY(const auto signers, policies::signer_set(options.signers, options.threshold));
    if (signers) OPENPCC_CHECK(policies::load(options.file, signers));
    OPENPCC_TRY(const auto file, policies::read_claimed(options.file));
    const policies::Claimed& claimed = file.claimed();
    const auto findings = policy::lint(claimed.policy, now);
    const std::string_view signatures = signature_text(claimed, signers.has_value());
    if (options.json) {
        auto out = json::Value::object();
        out.set("good", json::Value::boolean(!has_error(findings)));
        out.set("signatures", json::Value::string(signatures));
        out.set("findings", findings_to_value(findings));
        fmt::print("{}\n", out.to_text());
    } else {
        print_findings(findings);
        fmt::print("{}: {}, {}\n", options.file, has_error(findings) ? "must not be used" : "good", signatures);
    }
    return has_error(findings) ? cli::kNotVerified : cli::kOk;
}

void print_change(const policy::Change& change) {
    const auto shown = [](const std::string& text) { return text.empty() ? std::string("nothing") : text; };
    fmt::print("{:9}  {}: {} -> {}\n", to_string(change.direction), change.member, shown(change.from),
               shown(change.to));
}

Result<cli::ExitCode> diff(const DiffOptions& options) {
    OPENPCC_TRY(const auto from, policies::read_claimed(options.from));
    OPENPCC_TRY(const auto to, policies::read_claimed(options.to));
    const auto changes = policy::diff(from.claimed().policy, to.claimed().policy);
    auto list = json::Value::array();
    for (const policy::Change& change : changes) {
        auto& one = list.push(json::Value::object());
        one.set("member", json::Value::string(change.member));
        one.set("direction", json::Value::string(to_string(change.direction)));
        one.set("from", json::Value::string(change.from));
        one.set("to", json::Value::string(change.to));
        if (!options.json) print_change(change);
    }
    if (options.json) fmt::print("{}\n", list.to_text());
    if (changes.empty()) return cli::kOk;
    const bool looser =
        std::ranges::find(changes, policy::Direction::kLooser, &policy::Change::direction) != changes.end();
    return looser ? cli::kLooser : cli::kChanged;
}

void add_make(CLI::App& all, MakeOptions& options) {
    CLI::App* make = all.add_subcommand("make", "Write a policy: a preset, and what only you know");
    make->add_option("--preset", options.preset, "strict, standard, two-roots or development")
        ->capture_default_str()
        ->check(CLI::IsMember({"strict", "standard", "two-roots", "development"}));
    make->add_option("--out", options.out, "The file to write")->required();
    make->add_option("--name", options.name, "What to call it; the preset's name when absent");
    make->add_option("--release-measurement", options.measurements, "Files with a measurement each (JSON)");
    make->add_option("--describe", options.descriptions, "Files with what `noded --describe` prints");
    make->add_option("--model", options.models, "Models, SHA-256 in hex");
    make->add_option("--engine-profile", options.engine_profiles, "Engine profiles, SHA-256 in hex");
    make->add_option("--hardware", options.hardware, "The only machines that may answer, by identity; any when absent");
    make->add_option("--expires", options.days, "For how many days")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t{1}, kMaxDays));
    make->add_flag("--json", options.json, "One JSON object");
}

}  // namespace

void add_policy(CLI::App& app, PolicyOptions& options) {
    CLI::App* all =
        app.add_subcommand("policy", "Which evidence is good enough: write, sign, check and compare policies");
    all->require_subcommand(1);
    add_make(*all, options.make);
    CLI::App* sign = all->add_subcommand("sign", "Add a signature to a policy; refuses one without a TCB rule");
    sign->add_option("file", options.sign.file, "A policy, signed already or not")->required();
    sign->add_option("--key", options.sign.key, "The private key (PEM, mode 0600)")->required();
    sign->add_option("--out", options.sign.out, "The file to write")->required();
    sign->add_flag("--json", options.sign.json, "One JSON object");
    CLI::App* check = all->add_subcommand("check", "Say what is wrong with a policy, or may be");
    check->add_option("file", options.check.file, "A policy, signed or not")->required();
    check->add_option("--signer", options.check.signers, "Keys that must have signed it");
    check->add_option("--threshold", options.check.threshold, "How many of them; all when absent");
    check->add_option("--at", options.check.at, "As of this time (2026-11-25T07:00:00Z)");
    check->add_flag("--json", options.check.json, "One JSON object");
    CLI::App* diff =
        all->add_subcommand("diff", "Compare two policies, member by member: looser, tighter or different");
    diff->add_option("from", options.diff.from, "A policy")->required();
    diff->add_option("to", options.diff.to, "Another policy")->required();
    diff->add_flag("--json", options.diff.json, "One list of objects");
}

int policy(const CLI::App& app, const PolicyOptions& options) {
    const CLI::App* all = app.get_subcommand("policy");
    const auto done = [](const Result<cli::ExitCode>& code, bool json) {
        return code ? *code : report(code.error(), json);
    };
    if (all->got_subcommand("make")) return done(make(options.make), options.make.json);
    if (all->got_subcommand("sign")) return done(sign(options.sign), options.sign.json);
    if (all->got_subcommand("check")) return done(check(options.check), options.check.json);
    return done(diff(options.diff), options.diff.json);
}

}  // namespace openpcc::admin
