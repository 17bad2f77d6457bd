// SPDX-License-Identifier: Apache-2.0
// What a TDX verdict costs beside the signatures that it cannot do without: one real quote with its collateral.
//
//   verify_tdx [ROUNDS]
//
// cold: collateral read and verified, then the quote (nine signatures); warm: the quote with collateral that is there
// already (three). Both alternate with nine bare ECDSA P-256 verifications through EVP, keys and contexts prepared, in
// CPU time of the thread; the ratio is bare / ours, so 1 would be a verdict that costs its signatures and nothing else.
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "core/assert.hpp"
#include "crypto/hash.hpp"
#include "crypto/signature.hpp"
#include "evidence/tdx/samples.hpp"

namespace openpcc::tdx {
namespace {

constexpr int kColdSignatures = 9;
constexpr int kWarmSignatures = 3;

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

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

// The floor: what a careful programmer writes against EVP, one context for one key, the digest taken beforehand.
class BareVerification {
  public:
    BareVerification() {
        const auto signer = crypto::SigningKey::generate_p256();
        const Bytes message(632);
        digest_ = crypto::sha256(message);
        const Bytes raw = signer.sign(crypto::Scheme::kEcdsaP256Sha256Der, message).value();
        signature_ = raw;
        const Bytes spki = signer.verifying_key().spki();
        const std::uint8_t* at = spki.data();
        key_ = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
        context_ = EVP_PKEY_CTX_new_from_pkey(nullptr, key_, nullptr);
        OPENPCC_ASSERT(EVP_PKEY_verify_init(context_) == 1);
    }
    ~BareVerification() {
        EVP_PKEY_CTX_free(context_);
        EVP_PKEY_free(key_);
    }
    BareVerification(const BareVerification&) = delete;
    BareVerification& operator=(const BareVerification&) = delete;

    void operator()() const {
        OPENPCC_ASSERT(
            EVP_PKEY_verify(context_, signature_.data(), signature_.size(), digest_.data(), digest_.size()) == 1);
    }

  private:
    EVP_PKEY* key_ = nullptr;
    EVP_PKEY_CTX* context_ = nullptr;
    Digest256 digest_;
    Bytes signature_;
};

struct Subject {
    Bytes quote;
    Collateral collateral = collateral_set("2025-06-19");
    Anchors anchors = genuine();
    Rules rules = good_rules();
    TimePoint now = parse_rfc3339("2025-07-01T00:00:00Z").value();

    Subject() {
        const Bytes padded = load_quote("tdx/dcap-qvl/tdx_quote").value();
        quote = Bytes(without_padding(padded).value());
    }
    void verify(const SignedCollateral& with) const {
        Verdict verdict;
        OPENPCC_ASSERT(verify_quote(quote, anchors, with, rules, now, verdict).has_value());
        OPENPCC_ASSERT(verdict.good());
    }
};

void report(const char* name, const std::vector<double>& ours, const std::vector<double>& bare, int signatures,
            double goal) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(bare[i] * signatures / ours[i]);
    const double ratio = median(ratios);
    std::printf("%-34s %8.1f us  %d signatures %8.1f us  ratio %.3f  goal %.2f %s\n", name, median(ours) * 1e6,
                signatures, median(bare) * signatures * 1e6, ratio, goal, ratio >= goal ? "met" : "MISSED");
}

int run(int rounds) {
    const Subject subject;
    const BareVerification bare;
    const SignedCollateral ready(subject.collateral, subject.anchors);
    subject.verify(ready);
    std::vector<double> floor;
    std::vector<double> cold;
    std::vector<double> build;
    std::vector<double> warm;
    for (int round = 0; round < rounds; ++round) {
        floor.push_back(seconds_of(std::cref(bare), 27));
        cold.push_back(seconds_of([&] { subject.verify(SignedCollateral(subject.collateral, subject.anchors)); }, 3));
        warm.push_back(seconds_of([&] { subject.verify(ready); }, 9));
        build.push_back(seconds_of([&] { SignedCollateral(subject.collateral, subject.anchors); }, 3));
    }
    report("cold: collateral and quote", cold, floor, kColdSignatures, 0.85);
    report("warm: quote alone", warm, floor, kWarmSignatures, 0.80);
    // TCB signing certificate, TCB info, QE identity, root CRL; the PCK CRL belongs to the first quote.
    report("collateral alone", build, floor, 4, 0.85);
    return 0;
}

}  // namespace
}  // namespace openpcc::tdx

int main(int argc, char** argv) { return openpcc::tdx::run(argc > 1 ? std::max(4, std::atoi(argv[1])) : 200); }
