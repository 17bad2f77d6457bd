// SPDX-License-Identifier: Apache-2.0
// What judging an SEV-SNP report costs above the signature checks that it cannot do without, which run as bare EVP
// loops in turns with it: one P-384, and one RSA-4096 each for VCEK and ASK and, with collateral, for the revocation
// list. The ARK's own signature is not among them: it is pinned as bytes.
//
//   verify_snp [N]    N rounds (200), CPU time of the thread; a real Genoa report where the collection is beside the
//                     tree, and a simulated one of the same sizes
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "evidence/simulated/snp_platform.hpp"
#include "evidence/snp/samples.hpp"
#include "wire/der.hpp"

namespace openpcc {
namespace {

void need(bool good) {
    if (good) return;
    std::fprintf(stderr, "verify_snp: error: an operation failed\n");
    std::abort();
}

// One signature as OpenSSL checks it, its key read before.
class RawCheck {
  public:
    RawCheck(ByteView spki, Bytes message, Bytes signature, bool pss)
        : message_(std::move(message)), signature_(std::move(signature)), pss_(pss) {
        const std::uint8_t* at = spki.data();
        key_ = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
        need(key_ != nullptr);
        sha384_ = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
        context_ = EVP_MD_CTX_new();
    }
    void operator()() const {
        EVP_PKEY_CTX* settings = nullptr;
        need(EVP_MD_CTX_reset(context_) == 1 && EVP_DigestVerifyInit(context_, &settings, sha384_, nullptr, key_) == 1);
        if (pss_)
            need(EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, 48) == 1);
        need(EVP_DigestVerify(context_, signature_.data(), signature_.size(), message_.data(), message_.size()) == 1);
    }

  private:
    Bytes message_;
    Bytes signature_;
    bool pss_;
    EVP_PKEY* key_ = nullptr;  // kept to the end, as everything here
    EVP_MD* sha384_ = nullptr;
    EVP_MD_CTX* context_ = nullptr;
};

// A certificate or list is SEQUENCE { to be signed, algorithm, BIT STRING }.
RawCheck raw_signed(ByteView der, const x509::Certificate& issuer) {
    wire::Der outer(der);
    wire::Der parts = outer.enter(wire::Der::kSequence).value();
    const Bytes message(parts.take_any().value().whole);
    need(parts.take_any().has_value());
    const ByteView bits = parts.take(wire::Der::kBitString).value();
    return {issuer.key().spki(), message, Bytes(bits.subspan(1)), true};
}

RawCheck raw_report(ByteView report, const x509::Certificate& leaf) {
    const auto parsed = snp::Report::parse(report).value();
    const Bytes halves = snp::big_endian_signature(parsed.claimed());
    ECDSA_SIG* signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(halves.data(), 48, nullptr), BN_bin2bn(halves.data() + 48, 48, nullptr));
    std::uint8_t* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature, &der);
    const Bytes out(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    ECDSA_SIG_free(signature);
    return {leaf.key().spki(), parsed.claimed().signed_part, out, false};
}

struct Evidence {
    std::string name;
    Bytes report;
    std::vector<Bytes> certificates;
    x509::Certificate ark;
    snp::Anchors anchors;
    snp::Collateral collateral;
    snp::Rules rules;
    TimePoint now;
};

Evidence real_genoa() {
    const std::string issuer = snp::samples::issuer_file(snp::Product::kGenoa, snp::KeyKind::kVcek);
    return {"Genoa, real",
            snp::samples::load("snp/oak/genoa_oc_report.bin"),
            {snp::samples::certificate("snp/oak/genoa_oc_vcek.der"), snp::samples::certificate(issuer)},
            snp::amd_roots()[1],
            snp::samples::genuine(),
            {{snp::samples::load("openpcc-go/decoded/amd_genoa_crl.crl")}},
            snp::samples::lenient(),
            parse_rfc3339("2025-10-01T00:00:00Z").value()};
}

Evidence simulated_genoa() {
    const TimePoint now = parse_rfc3339("2026-11-25T07:00:00Z").value();
    crypto::SystemRandom random;
    const auto spec = simulated::SnpAuthoritySpec::good(snp::Product::kGenoa, now);
    const auto authority = simulated::SnpAuthority::create(spec, simulated::SnpCaKeys::generate()).value();
    const auto machine = simulated::SnpPlatform::create(authority, snp::KeyKind::kVcek, random, now).value();
    snp::Anchors anchors;
    anchors.genuine = snp::amd_roots();
    anchors.simulated = {authority.ark()};
    const Bytes list = authority.crl(now - Seconds(60), now + std::chrono::days(1), {}).value();
    return {"Genoa, simulated",
            machine.sign(machine.report(ByteArray<64>{})).value(),
            machine.certificates(),
            authority.ark(),
            anchors,
            {{list}},
            snp::samples::lenient(),
            now};
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const std::function<void()>& operation, int times) {
    const double start = cpu_seconds();
    for (int i = 0; i < times; ++i) operation();
    return (cpu_seconds() - start) / times;
}

double quantile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Way {
    std::string name;
    double goal;  // least raw / ours
    std::function<void()> ours;
    std::function<void()> raw;
};

// A few milliseconds of each side in turn, so that neighbours disturb both alike.
bool run(const Way& way, int rounds) {
    constexpr int kTimes = 4;
    std::vector<double> ours;
    std::vector<double> raw;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
        const bool first = round % 2 == 0;
        const double a = seconds_of(first ? way.ours : way.raw, kTimes);
        const double b = seconds_of(first ? way.raw : way.ours, kTimes);
        ours.push_back(first ? a : b);
        raw.push_back(first ? b : a);
        ratios.push_back(raw.back() / ours.back());
    }
    const double ratio = quantile(ratios, 0.5);
    std::printf("%-40s ours %8.1f us  signatures %8.1f us  ratio %.3f [%.3f, %.3f]  goal %.2f %s\n", way.name.c_str(),
                quantile(ours, 0.5) * 1e6, quantile(raw, 0.5) * 1e6, ratio, quantile(ratios, 0.1),
                quantile(ratios, 0.9), way.goal, ratio >= way.goal ? "met" : "MISSED");
    return ratio >= way.goal;
}

void judge(const Evidence& of, const snp::SignedCollateral& collateral, bool complete) {
    Verdict verdict;
    need(snp::verify_report(of.report, of.certificates, of.anchors, collateral, of.rules, of.now, verdict).has_value());
    need(verdict.state() != State::kNotVerified && (verdict.state() != State::kIncomplete) == complete);
}

bool run_all(const Evidence& of, int rounds) {
    const auto leaf = x509::Certificate::parse_der(of.certificates[0]).value();
    const auto issuer = x509::Certificate::parse_der(of.certificates[1]).value();
    const RawCheck report = raw_report(of.report, leaf);
    const RawCheck vcek = raw_signed(of.certificates[0], issuer);
    const RawCheck ask = raw_signed(of.certificates[1], of.ark);
    const RawCheck list = raw_signed(of.collateral.crls[0], of.ark);
    const snp::SignedCollateral kept(of.collateral, of.anchors);
    const auto each = [](auto... checks) { return [=] { (checks(), ...); }; };
    const Way ways[] = {
        {of.name + ", cold, with its list", 0.85,
         [&] { judge(of, snp::SignedCollateral(of.collateral, of.anchors), true); }, each(report, vcek, ask, list)},
        {of.name + ", cold", 0.85, [&] { judge(of, snp::SignedCollateral({}, of.anchors), false); },
         each(report, vcek, ask)},
        {of.name + ", warm (ASK and list known)", 0.80, [&] { judge(of, kept, true); }, each(report, vcek)},
    };
    bool good = true;
    for (const Way& way : ways) good = run(way, rounds) && good;
    return good;
}

}  // namespace
}  // namespace openpcc

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::max(4, std::atoi(argv[1])) : 200;
    bool good = openpcc::run_all(openpcc::simulated_genoa(), rounds);
    if (openpcc::snp::samples::present())
        good = openpcc::run_all(openpcc::real_genoa(), rounds) && good;
    else
        std::printf("no real evidence beside the tree: only simulated\n");
    return good ? 0 : 1;
}
