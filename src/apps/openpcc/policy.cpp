// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/policy.hpp"

#include <fmt/format.h>

#include "apps/policies/policy_file.hpp"
#include "trust/policy/explain.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

// wrapped breaks a sentence into lines below one another.
std::string wrapped(std::string_view text, std::size_t margin) {
    constexpr std::size_t kWidth = 96;
    std::string out;
    while (text.size() + margin > kWidth) {
        const std::size_t space = text.rfind(' ', kWidth - margin);
        if (space == std::string_view::npos || space == 0) break;
        out += std::string(text.substr(0, space)) + "\n" + std::string(margin, ' ');
        text.remove_prefix(space + 1);
    }
    return out + std::string(text);
}

Result<ExitCode> explain(const PolicyOptions& options) {
    OPENPCC_TRY(const TimePoint now, options.at ? parse_rfc3339(*options.at)
                                                : std::chrono::floor<Seconds>(std::chrono::system_clock::now()));
    OPENPCC_TRY(const auto file, policies::read_claimed(options.file));
    const auto& claimed = file.claimed();
    auto list = json::Value::array();
    for (const policy::Sentence& sentence : policy::explain(claimed.policy, now)) {
        if (!options.json) {
            fmt::print("{}\n    {}\n", sentence.member, wrapped(sentence.text, 4));
            continue;
        }
        auto& one = list.push(json::Value::object());
        one.set("member", json::Value::string(sentence.member));
        one.set("text", json::Value::string(sentence.text));
    }
    if (options.json) fmt::print("{}\n", list.to_text());
    const std::size_t signatures = claimed.envelope.signatures.size();
    if (signatures > 0)
        fmt::print(stderr, "openpcc: note: {} signature{}, not judged here\n", signatures, signatures == 1 ? "" : "s");
    return kOk;
}

}  // namespace

void add_policy(CLI::App& app, PolicyOptions& options) {
    CLI::App* all = app.add_subcommand("policy", "What a policy asks for, and what it would change");
    all->require_subcommand(1);
    CLI::App* explain = all->add_subcommand("explain", "Say each rule of a policy in English");
    explain->add_option("file", options.file, "A policy, signed or not")->required();
    explain->add_option("--at", options.at, "As of this time (2026-11-25T07:00:00Z)");
    explain->add_flag("--json", options.json, "One list of objects");
    CLI::App* dry_run = all->add_subcommand("dry-run", "Judge evidence by a policy, beside the one in use");
    dry_run->add_option("file", options.file, "The policy to try, signed or not")->required();
    dry_run->add_option("bundles", options.bundles, "Saved evidence bundles");
    add_service_choice(*dry_run, options.choice);
    dry_run->add_option("--current", options.current, "The policy in use, for saved bundles, bare or signed");
    add_policy_signers(*dry_run, "current", options.current_signers);
    dry_run->add_option("--collateral", options.collateral, "What vendors publish, for saved bundles");
#if OPENPCC_SIMULATED_HARDWARE
    dry_run->add_option("--simulated-roots", options.simulated_roots, "Throwaway roots for saved bundles (PEM)");
#endif
    dry_run->add_option("--at", options.at,
                        "Judge saved bundles as of this time; when they were asked for, when absent");
    dry_run->add_flag("--json", options.json, "One object for each bundle or node, one a line");
}

int policy(const CLI::App& app, const PolicyOptions& options) {
    const bool explains = app.get_subcommand("policy")->got_subcommand("explain");
    const auto code = explains ? explain(options) : dry_run(options);
    return code ? *code : report(code.error(), options.json);
}

}  // namespace openpcc::cli
