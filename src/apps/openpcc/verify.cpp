// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/verify.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "apps/openpcc/client_config.hpp"
#include "apps/openpcc/output.hpp"
#include "apps/openpcc/saved_bundle.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "hops/client/errors.hpp"
#include "hops/client/session.hpp"
#include "trust/verify/render.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

Result<TimePoint> time_or_now(const std::optional<std::string>& text) { return text ? parse_rfc3339(*text) : wall_clock(); }

// A saved bundle comes with FILE.challenge, which says what was asked and when: without it freshness cannot be judged.
Result<void> save(const client::JudgedNode& node, const std::string& folder) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const std::string base = (std::filesystem::path(folder) / (node.statement.substr(0, 16) + ".bundle")).string();
    OPENPCC_CHECK(config::write_file(base, as_text(node.bundle), 0644));
    const std::string asked = fmt::format("{} {}\n", to_hex(node.expectation.challenge->challenge),
                                          to_rfc3339(node.expectation.challenge->sent));
    return config::write_file(base + ".challenge", asked, 0644);
}

Result<verify::Expectation> expectation_for(const VerifyOptions& options) {
    verify::Expectation expectation;
    if (!options.challenge) {
        OPENPCC_TRY(expectation.challenge, asked_beside(*options.bundle));
        return expectation;
    }
    OPENPCC_TRY(const auto bytes, array_from_hex<statement::Challenge>(*options.challenge));
    OPENPCC_TRY(const TimePoint time, parse_rfc3339(options.sent.value_or("")));
    expectation.challenge.emplace(bytes, time);
    return expectation;
}

void print(const verify::Verification& verification, std::string_view name,
           const VerifyOptions& options) {
    const auto detail = options.explain ? verify::Detail::kExplained : verify::Detail::kChecks;
    if (options.json)
        fmt::print("{}\n", verify::verdict_to_json(verification));
    else
        fmt::print("node {}\n{}\n", name, verify::render_verdict(verification, detail));
}

Result<ExitCode> verify_saved(const VerifyOptions& options) {
    if (!options.policy) return fail(config::kBadConfig, "a saved bundle is judged by a policy: --policy FILE");
    OPENPCC_TRY(const auto policy, load_policy(*options.policy));
    verify::Roots roots = verify::genuine_roots();
    if (options.simulated_roots) OPENPCC_CHECK(load_simulated_roots(*options.simulated_roots, roots));
    OPENPCC_TRY(const std::string bundle, config::read_file(*options.bundle, 1 << 20));
    OPENPCC_TRY(const auto expectation, expectation_for(options));
    OPENPCC_TRY(const TimePoint now, time_or_now(options.at));
    const auto verification = verify::verify_bundle(as_bytes(bundle), policy, roots, expectation, now);
    print(verification, *options.bundle, options);
    return exit_code(verification.verdict.state());
}

net::Task<Result<ExitCode>> verify_live(client::Session& session, const VerifyOptions& options) {
    OPENPCC_CO_TRY(const auto nodes, co_await session.judge_nodes());
    if (nodes.empty()) co_return fail(client::kNoNode, "the service has no node ready");
    ExitCode worst = kOk;
    for (const client::JudgedNode& node : nodes) {
        print(node.verification, node.statement, options);
        if (options.save) OPENPCC_CO_CHECK(save(node, *options.save));
        const ExitCode code = exit_code(node.verification.verdict.state());
        // A failure outweighs what is incomplete, and that outweighs what is simulated.
        if (worst == kOk || (code != kOk && code < worst)) worst = code;
    }
    co_return worst;
}

Result<ExitCode> verify_service(const VerifyOptions& options) {
    OPENPCC_TRY(auto profile, load_profile(*options.config));
    crypto::SystemRandom random;
    net::Loop loop;
    client::Session session(loop, std::move(profile), random, wall_clock);
    return loop.run_until_done(verify_live(session, options));
}

}  // namespace

int verify(const VerifyOptions& options) {
    const auto code = options.bundle   ? verify_saved(options)
                      : options.config ? verify_service(options)
                                       : Result<ExitCode>(fail(config::kBadConfig, "say what to verify: --config FILE for a live service, or a saved bundle"));
    return code ? *code : report(code.error(), options.json);
}

}  // namespace openpcc::cli
