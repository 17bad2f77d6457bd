// SPDX-License-Identifier: Apache-2.0
// What attestation costs a client: a node's bundle judged whole (statement, policy and quote; collateral is there), and
// the same bundle again, out of the cache of verdicts, beside the hash of its bytes, which no cache can do without.
//
//   verify_bundle [ROUNDS]
//
// CPU time of the thread, alternating, medians. The last lines say what a request's share is.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "core/assert.hpp"
#include "trust/verify/scene.hpp"
#include "trust/verify/verdict_cache.hpp"

namespace openpcc::verify {
namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double micros_of(const std::function<void()>& operation, int times) {
    const double start = cpu_seconds();
    for (int i = 0; i < times; ++i) operation();
    return (cpu_seconds() - start) / times * 1e6;
}

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

int run(int rounds) {
    const Scene scene;
    const Bytes bundle = scene.bundle().encode();
    VerdictCache cache(scene.policy, scene.roots, sign_checked(scene.collection(), scene.roots));
    const auto judge = [&] {
        const auto out =
            verify_bundle(bundle, cache.collateral(), scene.policy, scene.roots, scene.expectation, scene.now);
        OPENPCC_ASSERT(out.verdict.state() == State::kSimulated);
    };
    const auto first = cache.verify(bundle, scene.expectation, scene.now);
    const auto remember = [&] { OPENPCC_ASSERT(cache.verify(bundle, scene.expectation, scene.now) == first); };
    const auto hash = [&] { OPENPCC_ASSERT(crypto::sha256(bundle) != Digest256{}); };
    std::vector<double> judged;
    std::vector<double> cached;
    std::vector<double> hashed;
    for (int round = 0; round < rounds; ++round) {
        judged.push_back(micros_of(judge, 5));
        cached.push_back(micros_of(remember, 200));
        hashed.push_back(micros_of(hash, 200));
    }
    std::printf("bundle of %zu bytes, %d rounds\n", bundle.size(), rounds);
    std::printf("judged whole        %8.1f us\n", median(judged));
    std::printf("out of the cache    %8.2f us, of that the hash %.2f us\n", median(cached), median(hashed));
    // Evidence counts for max_evidence_age after its challenge, so a node is judged this often in an hour.
    const auto age = static_cast<double>(scene.policy.max_evidence_age.count());
    const double hourly = median(judged) * 3600 / age * scene.policy.candidates;
    std::printf(
        "keys of an hour, evidence of %.0f s, %u nodes: %.1f ms an hour; a share of 100 us at %.0f requests an hour\n",
        age, scene.policy.candidates, hourly / 1000, hourly / 100);
    return 0;
}

}  // namespace
}  // namespace openpcc::verify

int main(int argc, char** argv) { return openpcc::verify::run(argc > 1 ? std::max(4, std::atoi(argv[1])) : 100); }
