// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "apps/openpcc/output.hpp"
#include "apps/openpcc/saved_bundle.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "evidence/snp/report.hpp"
#include "evidence/tdx/quote.hpp"
#include "hops/client/errors.hpp"
#include "hops/client/session.hpp"
#include "trust/verify/render.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

Result<TimePoint> time_or_now(const std::optional<std::string>& text) { return text ? parse_rfc3339(*text) : wall_clock(); }

// A saved bundle comes with FILE.challenge, which says what was asked and when: without it freshness cannot be judged.
Result<void> save(const client::JudgedNode& node, const std::string& folder) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const std::string base = (std::filesystem::path(folder) / (node.statement + ".bundle")).string();
    OPENPCC_CHECK(config::write_file(base, as_text(node.bundle), 0644));
    const std::string asked = fmt::format("{} {}\n", to_hex(node.expectation.challenge->challenge),
                                          to_rfc3339(node.expectation.challenge->sent));
    return config::write_file(base + ".challenge", asked, 0644);
}

// is_cpu_evidence tells a quote or report from a bundle by its size and first bytes: a bundle begins with its format.
bool is_cpu_evidence(ByteView bytes) {
    return bytes.size() == snp::kReportSize || (bytes.size() > 48 && (bytes[0] == 4 || bytes[0] == 5) && bytes[1] == 0);
}

Result<verify::Expectation> expectation_for(const std::string& path, const VerifyOptions& options) {
    verify::Expectation expectation;
    if (!options.challenge) {
        OPENPCC_TRY(expectation.challenge, asked_beside(path));
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

// Saved is what judges saved evidence: the files that the options name.
struct Saved {
    policy::Policy policy;
    verify::Roots roots;
    verify::SignedCollateral collateral;
    TimePoint now;

    static Result<Saved> load(const VerifyOptions& options) {
        if (!options.policy) return fail(config::kBadConfig, "saved evidence is judged by a policy: --policy FILE");
        Saved out;
        OPENPCC_TRY(out.policy, load_policy(*options.policy, options.policy_signers));
        out.roots = verify::genuine_roots();
        if (options.simulated_roots) OPENPCC_CHECK(profiles::load_simulated_roots(*options.simulated_roots, out.roots));
        if (options.collateral) {
            OPENPCC_TRY(out.collateral, profiles::load_collateral(*options.collateral, out.roots));
        }
        OPENPCC_TRY(out.now, time_or_now(options.at));
        return out;
    }
};

Result<std::vector<Bytes>> load_certificates(const std::vector<std::string>& paths) {
    std::vector<Bytes> out;
    for (const std::string& path : paths) {
        OPENPCC_TRY(const std::string text, config::read_file(path, 64 << 10));
        if (const auto one = x509::Certificate::parse_der(as_bytes(text))) {
            out.push_back(one->der());
            continue;
        }
        OPENPCC_TRY(const auto several, x509::Certificate::parse_pem_chain(as_bytes(text), 4));
        for (const x509::Certificate& one : several) out.push_back(one.der());
    }
    return out;
}

// CPU evidence by itself is told by its shape: a report has one size, a quote one header.
Result<verify::Verification> verify_bare(ByteView bytes, const VerifyOptions& options, const Saved& saved) {
    verify::CpuEvidence evidence;
    if (options.event_log || options.challenge)
        return fail(config::kBadConfig, "--event-log and --challenge are for a bundle: this is CPU evidence by itself");
    OPENPCC_TRY(evidence.certificates, load_certificates(options.certificates));
    if (bytes.size() == snp::kReportSize) {
        evidence.tee = statement::TeeType::kSnp;
        evidence.evidence = Bytes(bytes);
    } else {
        const auto quote = tdx::without_padding(bytes);
        evidence.evidence = Bytes(quote ? *quote : bytes);
    }
    return verify::verify_evidence(evidence, saved.collateral, saved.policy, saved.roots, saved.now);
}

// A bundle that was saved under a node's whole name is that node's or nobody's, as for a live service.
void refuse_other_name(const std::string& path, verify::Verification& verification) {
    const std::string name = std::filesystem::path(path).stem().string();
    if (!array_from_hex<seal::StatementName>(name) || !verification.bundle) return;
    const std::string found = to_hex(verification.bundle->statement.core.name());
    if (found == name) return;
    verification.verdict.refuse("directory.statement", "statement-2.11", name, found);
    verification.key = std::monostate();
}

// `platforms` are those of the bundles judged before: one machine is one node.
Result<ExitCode> verify_file(const std::string& path, const VerifyOptions& options, const Saved& saved,
                             std::vector<Digest256>& platforms) {
    OPENPCC_TRY(const std::string bytes, config::read_file(path, 1 << 20));
    OPENPCC_TRY(auto expectation, expectation_for(path, options));
    verify::Verification verification;
    if (statement::Bundle::parse(as_bytes(bytes)) || !is_cpu_evidence(as_bytes(bytes))) {
        if (options.event_log) {
            OPENPCC_TRY(const std::string log, config::read_file(*options.event_log, 1 << 20));
            expectation.event_log = to_bytes(log);
        }
        if (!options.certificates.empty())
            return fail(config::kBadConfig, "--certificates are for an SNP report by itself: a bundle carries its own");
        expectation.other_platforms = platforms;
        verification = verify::verify_bundle(as_bytes(bytes), saved.collateral, saved.policy, saved.roots, expectation, saved.now);
        refuse_other_name(path, verification);
        const bool accepted = !std::holds_alternative<std::monostate>(verification.key);
        if (accepted && verification.platform) platforms.push_back(*verification.platform);
    } else {
        OPENPCC_TRY(verification, verify_bare(as_bytes(bytes), options, saved));
    }
    print(verification, path, options);
    return exit_code(verification.verdict.state());
}

Result<ExitCode> verify_saved(const VerifyOptions& options) {
    OPENPCC_TRY(const Saved saved, Saved::load(options));
    std::vector<Digest256> platforms;
    std::error_code error;
    if (!std::filesystem::is_directory(*options.bundle, error))
        return verify_file(*options.bundle, options, saved, platforms);
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(*options.bundle, error))
        if (entry.path().extension() == ".bundle") paths.push_back(entry.path().string());
    std::ranges::sort(paths);
    if (paths.empty()) return fail(config::kBadConfig, *options.bundle + ": holds no .bundle file");
    ExitCode worst = kOk;
    for (const std::string& path : paths) {
        OPENPCC_TRY(const ExitCode code, verify_file(path, options, saved, platforms));
        worst = worse(worst, code);
    }
    return worst;
}

net::Task<Result<ExitCode>> verify_live(client::Session& session, const VerifyOptions& options) {
    OPENPCC_CO_TRY(const auto judged, co_await session.judge_nodes());
    if (judged->nodes.empty()) co_return fail(client::kNoNode, "the service has no node ready");
    ExitCode worst = kOk;
    for (const client::JudgedNode& node : judged->nodes) {
        print(node.verification, node.statement, options);
        if (options.save && !node.bundle.empty()) OPENPCC_CO_CHECK(save(node, *options.save));
        worst = worse(worst, exit_code(node.verification.verdict.state()));
    }
    co_return worst;
}

Result<ExitCode> verify_service(const VerifyOptions& options) {
    if (options.policy_signers.named())
        return fail(config::kBadConfig, "--policy-signer and --policy-threshold are for --policy: a configuration names its own");
    OPENPCC_TRY(auto profile, load_profile(options.choice));
    crypto::SystemRandom random;
    net::Loop loop;
    client::Session session(loop, std::move(profile), random, wall_clock);
    return loop.run_until_done(verify_live(session, options));
}

}  // namespace

int verify(const VerifyOptions& options) {
    const auto code = options.bundle ? verify_saved(options) : verify_service(options);
    return code ? *code : report(code.error(), options.json);
}

}  // namespace openpcc::cli
