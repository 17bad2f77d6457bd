// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "evidence/simulated/collateral.hpp"
#include "evidence/simulated/platform.hpp"
#include "trust/verify/verify.hpp"

// A good node on simulated hardware, for tests: every test changes one thing of it.
namespace openpcc::verify {

inline seal::KeyConfig test_key(std::uint8_t seed) {
    const ByteArray<32> ikm{{seed, 1, 2, 3}};
    return {hpke::PrivateKey::derive(hpke::Kem::kX25519, ikm).value().public_key(), {seal::SymmetricSuite{}}};
}

struct Scene {
    using Draft = simulated::Draft;

    TimePoint now = parse_rfc3339("2026-11-25T07:00:00Z").value();
    crypto::SystemRandom random;
    simulated::RootAuthority root = simulated::RootAuthority::create(now).value();
    simulated::PlatformSpec machine = simulated::PlatformSpec::good(random, now);
    simulated::Platform platform = simulated::Platform::from_root(root, machine, random).value();
    simulated::CollateralDraft published = simulated::CollateralDraft::good(machine.platform, now);
    statement::Core core = make_core();
    std::vector<statement::DeviceEvidence> devices;
    policy::Policy policy = make_policy();
    Roots roots = make_roots();
    Expectation expectation = make_expectation();
    std::function<void(collateral::Collection&)> change_collection = [](collateral::Collection&) {};
    collateral::Collection collection() const {
        collateral::Collection out{now, simulated::publish(root, published).value(), {}};
        change_collection(out);
        return out;
    }

    // The quote's draft before it is signed, and the bundle after.
    std::function<void(Draft&)> change_draft = [](Draft&) {};
    std::function<void(statement::Bundle&)> change_bundle = [](statement::Bundle&) {};
    statement::TeeType bound_as = statement::TeeType::kTdx;

    statement::Bundle bundle() const {
        statement::Bundle out;
        out.statement = {core, statement::devices_digest(devices)};
        out.devices = devices;
        auto report = simulated::Platform::report(out.statement.report_data(bound_as));
        report.mrtd.bytes.fill(0xd0);
        for (std::size_t i = 0; i < 4; ++i) report.rtmr[i].bytes.fill(static_cast<std::uint8_t>(0xe0 + i));
        Draft draft = platform.draft(report);
        change_draft(draft);
        out.cpu_evidence = platform.sign(draft).value();
        change_bundle(out);
        return out;
    }
    Verification verify(ByteView bytes) const {
        return verify_bundle(bytes, sign_checked(collection(), roots), policy, roots, expectation, now);
    }
    Verification verify() const { return verify(bundle().encode()); }

    // genuine lets the throwaway root count as a vendor's: what a client would see of real hardware.
    Scene& genuine() {
        roots.tdx = {root.certificate()};
        roots.simulated.tdx.clear();
        return *this;
    }

  private:
    statement::Core make_core() const {
        statement::Core out;
        out.release = "demo-1.0.0";
        out.keys.push_back(test_key(1));
        out.not_before = now - Seconds(60);
        out.not_after = now + Seconds(3000);
        out.model = crypto::sha256(as_bytes("model"));
        out.engine_profile = crypto::sha256(as_bytes("profile"));
        out.freshness = {statement::Freshness::Kind::kChallenge, challenge(), {}};
        return out;
    }
    policy::Policy make_policy() const {
        auto out = policy::Policy::of(policy::Preset::kDevelopment, now);
        policy::TdxMeasurement measurement;
        measurement.release = core.release;
        measurement.mrtd.bytes.fill(0xd0);
        for (std::size_t i = 0; i < 4; ++i) measurement.rtmr[i].bytes.fill(static_cast<std::uint8_t>(0xe0 + i));
        out.tdx_measurements = {measurement};
        out.models = {core.model};
        out.engine_profiles = {core.engine_profile};
        return out;
    }
    Roots make_roots() const {
        Roots out = genuine_roots();
        out.simulated.tdx = {root.certificate()};
        return out;
    }
    Expectation make_expectation() const {
        Expectation out;
        out.challenge = Expectation::SentChallenge{challenge(), now - Seconds(5)};
        return out;
    }
    static statement::Challenge challenge() { return {{0xc4, 0xa1}}; }
};

inline std::vector<std::string> ids_with(const Verdict& verdict, Outcome outcome) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks())
        if (check.outcome == outcome) out.push_back(check.id);
    return out;
}

inline std::vector<std::string> all_ids(const Verdict& verdict) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks()) out.push_back(check.id);
    return out;
}

}  // namespace openpcc::verify
