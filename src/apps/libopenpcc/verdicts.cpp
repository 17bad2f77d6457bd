// SPDX-License-Identifier: Apache-2.0
#include "apps/libopenpcc/verdicts.hpp"

#include "apps/console/console.hpp"
#include "apps/libopenpcc/boundary.hpp"
#include "apps/libopenpcc/errors.hpp"
#include "apps/policies/policy_file.hpp"
#include "apps/profiles/client_config.hpp"
#include "core/text.hpp"
#include "trust/verify/render.hpp"

namespace openpcc::library {

namespace {

constexpr std::size_t kMaxRoots = 64 * 1024;
constexpr std::size_t kMaxEventLog = 1 << 20;
constexpr std::size_t kMaxSigners = 16;
// From year 1 to year 9999, which is what a time's text can say.
constexpr std::int64_t kFirstTime = -62135596800;
constexpr std::int64_t kLastTime = 253402300799;

Result<TimePoint> time_of(std::int64_t seconds, std::string_view name) {
    if (seconds < kFirstTime || seconds > kLastTime) return fail(kBadArgument, std::string(name) + ": no such time");
    return TimePoint(Seconds(seconds));
}

Result<std::optional<envelope::SignerSet>> signers_of(const openpcc_evidence& evidence) {
    if (evidence.policy_signer_count > kMaxSigners || evidence.policy_threshold > kMaxSigners)
        return fail(kBadArgument, "policy_signers: too many");
    if (evidence.policy_signer_count > 0 && evidence.policy_signers == nullptr)
        return fail(kBadArgument, "policy_signers: NULL");
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < evidence.policy_signer_count; ++i) {
        OPENPCC_TRY(const std::string_view text, text_of(evidence.policy_signers[i], "policy_signers"));
        texts.emplace_back(text);
    }
    std::optional<std::int64_t> threshold;
    if (evidence.policy_threshold > 0) threshold = static_cast<std::int64_t>(evidence.policy_threshold);
    return policies::signer_set(texts, threshold);
}

Result<verify::Roots> roots_of(const openpcc_evidence& evidence) {
    verify::Roots roots = verify::genuine_roots();
    OPENPCC_TRY(const std::string_view simulated, text_of(evidence.simulated_roots, "simulated_roots"));
    if (simulated.size() > kMaxRoots) return fail(kBadArgument, "simulated_roots: too long");
    if (!simulated.empty()) OPENPCC_CHECK(profiles::add_simulated_roots(simulated, "the simulated roots", roots));
    return roots;
}

Result<verify::Expectation> expectation_of(const openpcc_evidence& evidence) {
    verify::Expectation out;
    OPENPCC_TRY(const std::string_view challenge, text_of(evidence.challenge, "challenge"));
    if (!challenge.empty()) {
        if (challenge.size() != statement::Challenge::kSize) return fail(kBadArgument, "challenge: not 32 bytes");
        OPENPCC_TRY(const TimePoint sent, time_of(evidence.sent, "sent"));
        out.challenge.emplace(statement::Challenge::from_view(as_bytes(challenge)), sent);
    }
    OPENPCC_TRY(const std::string_view log, text_of(evidence.event_log, "event_log"));
    if (log.size() > kMaxEventLog) return fail(kBadArgument, "event_log: too long");
    if (!log.empty()) out.event_log = to_bytes(log);
    return out;
}

// Evidence of one node under the name of another proves that other one.
Result<void> refuse_other_name(std::string_view name, verify::Verification& verification) {
    if (name.empty()) return {};
    const auto expected = array_from_hex<seal::StatementName>(name);
    if (!expected) return fail(kBadArgument, "statement: not 64 hex digits");
    if (!verification.bundle) return {};
    const seal::StatementName found = verification.bundle->statement.core.name();
    if (found == *expected) return {};
    verification.verdict.refuse("directory.statement", "statement-2.11", to_hex(*expected), to_hex(found));
    verification.key = std::monostate();
    return {};
}

openpcc_verdict verdict_of(const verify::Verification& verification) {
    openpcc_verdict out{.status = cli::exit_code(verification.verdict.state()),
                        .json = verify::verdict_to_json(verification),
                        .statement = {},
                        .bundle = {},
                        .challenge = {}};
    if (verification.bundle) out.statement = to_hex(verification.bundle->statement.core.name());
    return out;
}

Result<openpcc_verdict> judge(const openpcc_evidence& evidence) {
    OPENPCC_TRY(const std::string_view bundle, text_of(evidence.bundle, "bundle"));
    OPENPCC_TRY(const std::string_view policy_text, text_of(evidence.policy, "policy"));
    OPENPCC_TRY(const std::string_view statement, text_of(evidence.statement, "statement"));
    OPENPCC_TRY(const std::string_view collateral_file, text_of(evidence.collateral, "collateral"));
    OPENPCC_TRY(const TimePoint at, time_of(evidence.at, "at"));
    OPENPCC_TRY(const auto signers, signers_of(evidence));
    OPENPCC_TRY(const policy::Policy policy, policies::open(policy_text, "the policy", signers));
    OPENPCC_TRY(const verify::Roots roots, roots_of(evidence));
    OPENPCC_TRY(const verify::Expectation expectation, expectation_of(evidence));
    verify::SignedCollateral collateral;
    if (!collateral_file.empty()) {
        OPENPCC_TRY(collateral, profiles::open_collateral(collateral_file, "the collateral", roots));
    }
    auto verification = verify::verify_bundle(as_bytes(bundle), collateral, policy, roots, expectation, at);
    OPENPCC_CHECK(refuse_other_name(statement, verification));
    return verdict_of(verification);
}

}  // namespace

std::unique_ptr<openpcc_verdicts> verdicts_of(const client::Judged& judged) {
    auto out = std::make_unique<openpcc_verdicts>();
    for (const client::JudgedNode& node : judged.nodes) {
        openpcc_verdict& verdict = out->all.emplace_back(verdict_of(node.verification));
        verdict.statement = node.statement;
        if (node.bundle.empty() || !node.expectation.challenge) continue;
        verdict.bundle = to_string(node.bundle);
        verdict.challenge = to_string(node.expectation.challenge->challenge);
        verdict.sent = node.expectation.challenge->sent.time_since_epoch().count();
    }
    return out;
}

openpcc_status worst_of(const openpcc_verdicts& verdicts) {
    cli::ExitCode worst = cli::kOk;
    for (const openpcc_verdict& one : verdicts.all) worst = cli::worse(worst, static_cast<cli::ExitCode>(one.status));
    return worst;
}

}  // namespace openpcc::library

using namespace openpcc;

extern "C" {

openpcc_status openpcc_verify(const openpcc_evidence* evidence, openpcc_verdict** verdict, openpcc_error** error) {
    if (verdict != nullptr) *verdict = nullptr;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        if (evidence == nullptr || verdict == nullptr) return fail(library::kBadArgument, "evidence, verdict: NULL");
        if (evidence->struct_size != sizeof(openpcc_evidence))
            return fail(library::kBadArgument, "struct_size: not this library's");
        OPENPCC_TRY(auto judged, library::judge(*evidence));
        *verdict = new openpcc_verdict(std::move(judged));
        return (*verdict)->status;
    });
}

openpcc_status openpcc_verdict_status(const openpcc_verdict* verdict) {
    return verdict == nullptr ? OPENPCC_USAGE : verdict->status;
}

const char* openpcc_verdict_json(const openpcc_verdict* verdict, size_t* size) {
    return library::give(verdict == nullptr ? nullptr : &verdict->json, size);
}

const char* openpcc_verdict_statement(const openpcc_verdict* verdict, size_t* size) {
    return library::give(verdict == nullptr ? nullptr : &verdict->statement, size);
}

const char* openpcc_verdict_bundle(const openpcc_verdict* verdict, size_t* size) {
    return library::give(verdict == nullptr ? nullptr : &verdict->bundle, size);
}

const char* openpcc_verdict_challenge(const openpcc_verdict* verdict, size_t* size) {
    return library::give(verdict == nullptr ? nullptr : &verdict->challenge, size);
}

int64_t openpcc_verdict_sent(const openpcc_verdict* verdict) { return verdict == nullptr ? 0 : verdict->sent; }

void openpcc_verdict_free(openpcc_verdict* verdict) { delete verdict; }

size_t openpcc_verdicts_count(const openpcc_verdicts* verdicts) {
    return verdicts == nullptr ? 0 : verdicts->all.size();
}

const openpcc_verdict* openpcc_verdicts_at(const openpcc_verdicts* verdicts, size_t index) {
    return index < openpcc_verdicts_count(verdicts) ? &verdicts->all[index] : nullptr;
}

void openpcc_verdicts_free(openpcc_verdicts* verdicts) { delete verdicts; }

}  // extern "C"
