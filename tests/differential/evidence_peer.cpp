// SPDX-License-Identifier: Apache-2.0
// Our verifier behind the protocol of tests/differential/protocol.py: cases on standard input, one line an answer on
// standard output. It judges by the strict default policy that docs/reference/differential.md states; what only an
// operator can decide (measurements, floors) is left open, because the peers have no word for it either.
#include <charconv>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "evidence/snp/verify.hpp"
#include "evidence/tdx/verify.hpp"

namespace openpcc {
namespace {

using Fields = std::vector<Bytes>;
using evidence::Must;

constexpr Seconds kTenYears = std::chrono::days(3650);

tdx::Rules tdx_rules() {
    tdx::Rules out;
    out.least_tcb_evaluation = 0;
    out.least_qe_evaluation = 0;
    out.modules = {{0, 0}, {1, 0}, {3, 0}};
    out.collateral_age = {kTenYears, kTenYears};
    out.attributes.fill(Must::kAny);
    for (std::size_t i = 0; i < tdx::kAttributeBits.size(); ++i) {
        const std::string_view name = tdx::kAttributeBits[i].name;
        if (name == "sept_ve_disable") out.attributes[i] = Must::kOne;
        if (name == "migratable" || name == "perfmon") out.attributes[i] = Must::kZero;
    }
    out.xfam.fill(Must::kAny);
    return out;
}

snp::Rules snp_rules() {
    snp::Rules out;
    for (snp::Product product : {snp::Product::kMilan, snp::Product::kGenoa, snp::Product::kTurin}) {
        snp::ProductRule rule;
        rule.product = product;
        rule.policy.fill(Must::kAny);
        for (std::size_t i = 0; i < snp::kPolicyBits.size(); ++i) {
            const std::string_view name = snp::kPolicyBits[i].name;
            if (name == "debug" || name == "migrate_ma") rule.policy[i] = Must::kZero;
        }
        rule.platform.fill(Must::kAny);
        rule.platform_unknown = Must::kAny;
        out.products.push_back(rule);
    }
    out.vlek_providers = {"CN=cc-us-east-2.amazonaws.com"};
    out.collateral_age = {kTenYears, kTenYears};
    return out;
}

// Who judges: the work between the bytes and the verdict.
using Judge = std::function<Verdict()>;

std::int64_t number(ByteView field) {
    std::int64_t out = 0;
    const std::string_view text = as_text(field);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) throw std::runtime_error("not a number");
    return out;
}

tdx::SignedCollateral tdx_collateral(const Fields& fields, const tdx::Anchors& anchors) {
    tdx::Collateral out;
    if (!fields.at(4).empty()) out.tcb_infos.push_back({fields.at(4), fields.at(5)});
    if (!fields.at(6).empty()) out.qe_identities.push_back({fields.at(6), fields.at(7)});
    for (std::size_t list : {8U, 9U})
        if (!fields.at(list).empty()) out.crls.push_back(fields.at(list));
    return tdx::SignedCollateral(out, anchors);
}

// Without its zero padding, as whoever makes a bundle cuts it.
Judge quote_judge(const Fields& fields, TimePoint now, bool warm) {
    static const tdx::Rules rules = tdx_rules();
    static const tdx::Anchors anchors = [] {
        tdx::Anchors out;
        out.genuine = {tdx::intel_root()};
        return out;
    }();
    const auto judge = [&fields, now](const tdx::SignedCollateral& collateral) {
        Verdict verdict;
        const auto quote = tdx::without_padding(fields.at(3));
        tdx::verify_quote(quote ? *quote : ByteView(fields.at(3)), anchors, collateral, rules, now, verdict);
        return verdict;
    };
    if (!warm) return [&fields, judge] { return judge(tdx_collateral(fields, anchors)); };
    const tdx::SignedCollateral collateral = tdx_collateral(fields, anchors);
    judge(collateral);
    return [collateral, judge] { return judge(collateral); };
}

Judge report_judge(const Fields& fields, TimePoint now, bool warm, bool whole) {
    static const snp::Rules rules = snp_rules();
    static const snp::Anchors anchors = [] {
        snp::Anchors out;
        out.genuine = snp::amd_roots();
        return out;
    }();
    const auto judge = [&fields, now](const snp::SignedCollateral& collateral) {
        Verdict verdict;
        std::vector<Bytes> certificates = {fields.at(4), fields.at(5)};
        snp::verify_report(fields.at(3), certificates, anchors, collateral, rules, now, verdict);
        return verdict;
    };
    snp::Collateral lists;
    if (whole && !fields.at(7).empty()) lists.crls.push_back(fields.at(7));
    if (!warm) return [lists, judge] { return judge(snp::SignedCollateral(lists, anchors)); };
    const snp::SignedCollateral collateral(lists, anchors);
    judge(collateral);
    return [collateral, judge] { return judge(collateral); };
}

// The checks of one signature each, to measure the others by: nothing but the check, under a key that is ready.
Judge signature_judge(crypto::SigningKey key, crypto::Scheme scheme) {
    const Bytes message(std::size_t{672});
    const Bytes signature = key.sign(scheme, message).value();
    return [key = key.verifying_key(), scheme, message, signature] {
        Verdict verdict;
        verdict.require(key.verify(scheme, message, signature).has_value(), "signature", "", "", "");
        return verdict;
    };
}

Judge judge_of(const Fields& fields, TimePoint now) {
    const std::string kind(as_text(fields.at(0)));
    if (kind == "tdx") return quote_judge(fields, now, false);
    if (kind == "tdx-warm") return quote_judge(fields, now, true);
    if (kind == "snp") return report_judge(fields, now, false, true);
    if (kind == "snp-bare") return report_judge(fields, now, false, false);
    if (kind == "snp-warm") return report_judge(fields, now, true, true);
    using crypto::Scheme;
    using crypto::SigningKey;
    if (kind == "p256") return signature_judge(SigningKey::generate_p256(), Scheme::kEcdsaP256Sha256);
    if (kind == "p384") return signature_judge(SigningKey::generate_p384(), Scheme::kEcdsaP384Sha384);
    if (kind == "rsa4096") return signature_judge(SigningKey::generate_rsa(4096), Scheme::kRsaPssSha384);
    throw std::runtime_error("no such kind: " + kind);
}

std::int64_t cpu_nanoseconds() {
    std::timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// What failed; where nothing did, what did not run.
std::string problems(const Verdict& verdict) {
    const Outcome worst = verdict.state() == State::kNotVerified ? Outcome::kFail : Outcome::kNotRun;
    std::string out;
    for (const Check& check : verdict.checks())
        if (check.outcome == worst) out += (out.empty() ? "" : " ") + check.id;
    return out;
}

void answer(const Fields& fields) {
    const Judge judge = judge_of(fields, TimePoint(Seconds(number(fields.at(1)))));
    const std::int64_t start = cpu_nanoseconds();
    Verdict verdict = judge();
    for (std::int64_t turn = 1; turn < number(fields.at(2)); ++turn) verdict = judge();
    const std::int64_t nanoseconds = cpu_nanoseconds() - start;
    std::cout << (verdict.good() ? "accept" : "reject") << '\t' << to_string(verdict.state()) << '\t'
              << problems(verdict) << '\t' << nanoseconds << std::endl;
}

std::size_t read_number() {
    unsigned char bytes[4];
    if (std::fread(bytes, 1, 4, stdin) != 4) throw std::runtime_error("cut");
    return std::size_t{bytes[0]} << 24 | std::size_t{bytes[1]} << 16 | std::size_t{bytes[2]} << 8 | bytes[3];
}

Fields read_case(std::size_t count) {
    Fields out(count);
    for (Bytes& field : out) {
        field.resize(read_number());
        if (std::fread(field.data(), 1, field.size(), stdin) != field.size()) throw std::runtime_error("cut");
    }
    return out;
}

}  // namespace
}  // namespace openpcc

int main() {
    try {
        for (int first = std::getchar(); first != EOF; first = std::getchar()) {
            std::ungetc(first, stdin);
            openpcc::answer(openpcc::read_case(openpcc::read_number()));
        }
    } catch (const std::exception& error) {
        std::cerr << "evidence_peer: error: " << error.what() << std::endl;
        return 1;
    }
}
