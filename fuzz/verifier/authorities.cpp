// SPDX-License-Identifier: Apache-2.0
#include "verifier/authorities.hpp"

#include "crypto/hash.hpp"
#include "crypto/hpke/hpke.hpp"
#include "evidence/eventlog/replay.hpp"
#include "evidence/eventlog/written_log.hpp"
#include "wire/writer.hpp"

namespace openpcc::hostile {

namespace {

constexpr std::size_t kCaBits = 2048;  // AMD's size takes seconds to make, and nothing here depends on it
constexpr Seconds kHour{3600};
constexpr statement::Challenge kChallenge{{0xc4, 0xa1}};

Bytes key_config(std::uint8_t seed) {
    const ByteArray<32> ikm{{seed, 1, 2, 3}};
    wire::Writer out;
    const seal::KeyConfig key{hpke::PrivateKey::derive(hpke::Kem::kX25519, ikm).value().public_key(),
                              {seal::SymmetricSuite{}}};
    key.write(out);
    return std::move(out).take();
}

Said good_statement(TimePoint now) {
    Said out;
    out.release = to_bytes("demo-1.0.0");
    out.keys = {key_config(1), key_config(2)};
    out.not_before = static_cast<std::uint64_t>((now - Seconds(60)).time_since_epoch().count());
    out.not_after = static_cast<std::uint64_t>((now + Seconds(3000)).time_since_epoch().count());
    out.model = crypto::sha256(as_bytes("model"));
    out.engine_profile = crypto::sha256(as_bytes("profile"));
    out.challenge = kChallenge;
    return out;
}

policy::TdxMeasurement tdx_measurement() {
    policy::TdxMeasurement out;
    out.release = "demo-1.0.0";
    out.mrtd.bytes.fill(0xd0);
    const auto log = eventlog::Log::parse(eventlog::good_log().bytes()).value();
    const auto registers = eventlog::replay(log, eventlog::Bank::kSha384, eventlog::Layout::kTdx).value();
    for (std::size_t i = 0; i < 4; ++i) out.rtmr[i] = ByteArray<48>::from_view(registers.values[i + 1]);
    return out;
}

policy::SnpMeasurement snp_measurement(const snp::Report& good) {
    policy::SnpMeasurement out;
    out.release = "demo-1.0.0";
    out.measurement = ByteArray<48>::from_view(good.measurement);
    return out;
}

}  // namespace

snp::Product product_of(Base base) {
    if (base == Base::kMilan) return snp::Product::kMilan;
    return base == Base::kTurin || base == Base::kTurinVlek ? snp::Product::kTurin : snp::Product::kGenoa;
}

snp::KeyKind kind_of(Base base) {
    return base == Base::kGenoaVlek || base == Base::kTurinVlek ? snp::KeyKind::kVlek : snp::KeyKind::kVcek;
}

const simulated::SnpAuthority& Authorities::amd_of(Base base) const { return amd.at(product_of(base)); }

const Authorities& Authorities::get() {
    static const Authorities authorities = [] {
        crypto::SystemRandom random;
        const TimePoint now = parse_rfc3339("2026-11-25T07:00:00Z").value();
        auto intel = simulated::RootAuthority::create(now).value();
        const auto machine = simulated::PlatformSpec::good(random, now);
        auto platform = simulated::Platform::from_root(intel, machine, random).value();
        Authorities out{random, now, std::move(intel), {}, std::move(platform), {}, {}, {}, good_statement(now), {},
                        {},     {}};
        out.tdx = {machine, {}, simulated::CollateralDraft::good(machine.platform, now)};
        out.collection = {now, simulated::publish(out.intel, out.tdx.published).value(), {}};

        Client& client = out.client;
        client.now = now;
        client.roots = verify::genuine_roots();
        client.roots.simulated.tdx = {out.intel.certificate()};
        client.policy = policy::Policy::of(policy::Preset::kDevelopment, now);
        client.policy.tdx_measurements = {tdx_measurement()};
        client.policy.models = {out.said.model};
        client.policy.engine_profiles = {out.said.engine_profile};
        client.policy.snp->vlek_providers = {std::string(simulated::kSnpProvider)};
        client.expectation.challenge = {kChallenge, now - Seconds(5)};

        out.keys = simulated::SnpCaKeys::generate(kCaBits);
        for (const Base base : {Base::kMilan, Base::kGenoa, Base::kGenoaVlek, Base::kTurin, Base::kTurinVlek}) {
            const snp::Product product = product_of(base);
            if (!out.amd.contains(product)) {
                const auto spec = simulated::SnpAuthoritySpec::good(product, now);
                const auto& amd =
                    out.amd.emplace(product, simulated::SnpAuthority::create(spec, out.keys).value()).first->second;
                client.roots.simulated.snp.push_back(amd.ark());
                out.collection.snp.crls.push_back(amd.crl(now - kHour, now + std::chrono::days(20), {}).value());
            }
            const auto leaf = simulated::SnpLeafSpec::good(product, kind_of(base), random, now);
            auto made = simulated::SnpPlatform::create(out.amd_of(base), leaf, random).value();
            out.machines.emplace(base, SnpMachine{leaf, std::move(made)});
        }
        client.policy.snp_measurements = {snp_measurement(out.machines.at(Base::kGenoa).platform.report({}))};
        out.collateral =
            std::make_shared<const verify::SignedCollateral>(verify::sign_checked(out.collection, client.roots));
        return out;
    }();
    return authorities;
}

}  // namespace openpcc::hostile
