// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "apps/openpcc/choice.hpp"
#include "apps/openpcc/policy.hpp"
#include "apps/openpcc/saved_bundle.hpp"
#include "apps/policies/policy_file.hpp"
#include "crypto/random.hpp"
#include "hops/client/errors.hpp"
#include "hops/client/session.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

constexpr std::size_t kMaxBundle = 1 << 20;

// Trial is what both policies are tried with. Nothing is sealed by its verdicts: they are looked at, and no more.
struct Trial {
    policy::Policy proposed;
    std::optional<policy::Policy> current;
    verify::Roots roots = verify::genuine_roots();
    verify::SignedCollateral collateral{};
};

struct Outcomes {
    std::string name;
    std::optional<Verdict> current;
    Verdict proposed;
};

// As in the JSON of verdicts: one word.
template <class T>
json::Value word(T value) {
    std::string text(to_string(value));
    std::ranges::replace(text, ' ', '_');
    return json::Value::string(text);
}

const Check* find(const Verdict& verdict, std::string_view id) {
    const auto found = std::ranges::find(verdict.checks(), id, &Check::id);
    return found == verdict.checks().end() ? nullptr : &*found;
}

// changed lists the checks that come out otherwise than today; without a policy for today, those that do not pass.
std::vector<std::pair<const Check*, const Check*>> changed(const Outcomes& outcomes) {
    std::vector<std::pair<const Check*, const Check*>> out;
    for (const Check& check : outcomes.proposed.checks()) {
        const Check* today = outcomes.current ? find(*outcomes.current, check.id) : nullptr;
        if (today != nullptr ? today->outcome != check.outcome : check.outcome != Outcome::kPass)
            out.emplace_back(today, &check);
    }
    return out;
}

void print(const Outcomes& outcomes) {
    fmt::print("{}: {}{}\n", outcomes.name,
               outcomes.current ? std::string(to_string(outcomes.current->state())) + " now, " : "",
               std::string(to_string(outcomes.proposed.state())) + " by this policy");
    for (const auto& [today, check] : changed(outcomes)) {
        fmt::print("    {}: {}{}\n", check->id, today != nullptr ? std::string(to_string(today->outcome)) + " -> " : "",
                   to_string(check->outcome));
        fmt::print("        expected {}; found {}\n", check->expected, check->found);
    }
}

void print_json(const Outcomes& outcomes) {
    auto out = json::Value::object();
    out.set("bundle", json::Value::string(outcomes.name));
    out.set("current", outcomes.current ? word(outcomes.current->state()) : json::Value());
    out.set("proposed", word(outcomes.proposed.state()));
    auto& list = out.set("changes", json::Value::array());
    for (const auto& [today, check] : changed(outcomes)) {
        auto& one = list.push(json::Value::object());
        one.set("id", json::Value::string(check->id));
        one.set("current", today != nullptr ? word(today->outcome) : json::Value());
        one.set("proposed", word(check->outcome));
        one.set("expected", json::Value::string(check->expected));
        one.set("found", json::Value::string(check->found));
    }
    fmt::print("{}\n", out.to_text());
}

ExitCode show(const Outcomes& outcomes, bool json) {
    if (json)
        print_json(outcomes);
    else
        print(outcomes);
    return exit_code(outcomes.proposed.state());
}

Outcomes judge(const Trial& trial, std::string name, ByteView bundle, const verify::Expectation& expectation,
               TimePoint now) {
    const auto by = [&](const policy::Policy& policy) {
        return verify::verify_bundle(bundle, trial.collateral, policy, trial.roots, expectation, now).verdict;
    };
    Outcomes out{std::move(name), std::nullopt, by(trial.proposed)};
    if (trial.current) out.current = by(*trial.current);
    return out;
}

// A saved bundle is judged as of when it was asked for, unless told otherwise: its age is no matter of the policy.
Result<ExitCode> try_saved(const Trial& trial, const PolicyOptions& options) {
    ExitCode worst = kOk;
    for (const std::string& path : options.bundles) {
        OPENPCC_TRY(const std::string bundle, config::read_file(path, kMaxBundle));
        verify::Expectation expectation;
        OPENPCC_TRY(expectation.challenge, asked_beside(path));
        TimePoint now = expectation.challenge ? expectation.challenge->sent : wall_clock();
        if (options.at) {
            OPENPCC_TRY(now, parse_rfc3339(*options.at));
        }
        worst = worse(worst, show(judge(trial, path, as_bytes(bundle), expectation, now), options.json));
    }
    return worst;
}

// Without collateral of the caller's own, today's is tried: what the service's clients have.
net::Task<Result<ExitCode>> try_nodes(client::Session& session, Trial trial, const PolicyOptions& options) {
    OPENPCC_CO_TRY(const auto judged, co_await session.judge_nodes());
    if (judged->nodes.empty()) co_return fail(client::kNoNode, "the service has no node ready");
    if (!options.collateral) trial.collateral = session.collateral();
    ExitCode worst = kOk;
    for (const client::JudgedNode& node : judged->nodes)
        worst = worse(worst, show(judge(trial, node.statement, node.bundle, node.expectation, wall_clock()), options.json));
    co_return worst;
}

}  // namespace

Result<ExitCode> dry_run(const PolicyOptions& options) {
    const bool of_service = options.bundles.empty() || options.choice.named();
    if (of_service && options.current)
        return fail(config::kBadConfig, "--current is for saved bundles: a service has a policy in use");
    if (options.current_signers.named() && !options.current)
        return fail(config::kBadConfig, "--current-signer and --current-threshold are for --current");
    OPENPCC_TRY(auto file, policies::read_claimed(options.file));
    Trial trial{std::move(file).claimed().policy, std::nullopt};
    std::optional<client::Profile> profile;
    if (of_service) {
        OPENPCC_TRY(profile, load_profile(options.choice));
        trial.current = profile->policy;
        trial.roots = profile->roots;
    }
    if (options.current) {
        OPENPCC_TRY(trial.current, load_policy(*options.current, options.current_signers));
    }
    if (options.simulated_roots) OPENPCC_CHECK(profiles::load_simulated_roots(*options.simulated_roots, trial.roots));
    if (options.collateral) {
        OPENPCC_TRY(trial.collateral, profiles::load_collateral(*options.collateral, trial.roots));
    } else if (profile) {
        trial.collateral = verify::sign_checked(profile->collateral, trial.roots);
    }
    if (!options.bundles.empty()) return try_saved(trial, options);
    crypto::SystemRandom random;
    net::Loop loop;
    client::Session session(loop, std::move(*profile), random, wall_clock);
    return loop.run_until_done(try_nodes(session, std::move(trial), options));
}

}  // namespace openpcc::cli
