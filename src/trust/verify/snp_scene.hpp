// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "evidence/simulated/snp_world.hpp"
#include "trust/verify/scene.hpp"

// A good node on simulated SEV-SNP hardware, for tests: the statement and the policy are those of Scene.
namespace openpcc::verify {

struct SnpScene {
    Scene scene;
    simulated::SnpWorld world;
    std::function<void(snp::Report&)> change_report = [](snp::Report&) {};
    std::function<void(statement::Bundle&)> change_bundle = [](statement::Bundle&) {};
    statement::TeeType bound_as = statement::TeeType::kSnp;

    SnpScene() {
        scene.roots.simulated.snp = {world.authority.ark()};
        scene.policy.snp = world.rules;
        policy::SnpMeasurement measurement;
        const snp::Report good = world.report();
        measurement.release = scene.core.release;
        measurement.measurement = ByteArray<48>::from_view(good.measurement);
        measurement.host_data = good.host_data;
        measurement.id_key_digest = ByteArray<48>::from_view(good.id_key_digest);
        measurement.author_key_digest = ByteArray<48>::from_view(good.author_key_digest);
        measurement.guest_svn = good.guest_svn;
        scene.policy.snp_measurements = {measurement};
    }
    policy::SnpMeasurement& measurement() { return scene.policy.snp_measurements[0]; }
    Verification verify() const {
        statement::Bundle bundle;
        bundle.statement = {scene.core, statement::devices_digest({})};
        bundle.tee = statement::TeeType::kSnp;
        snp::Report report = world.platform.report(bundle.statement.report_data(bound_as));
        change_report(report);
        bundle.cpu_evidence = world.platform.sign(report).value();
        bundle.certificates = world.platform.certificates();
        change_bundle(bundle);
        collateral::Collection collection;
        collection.snp.crls = world.crls;
        return verify_bundle(bundle.encode(), sign_checked(collection, scene.roots), scene.policy, scene.roots,
                             scene.expectation, scene.now);
    }
    // genuine lets the throwaway root count as the vendor's.
    SnpScene& genuine() {
        scene.roots.snp = {world.authority.ark()};
        scene.roots.simulated.snp.clear();
        return *this;
    }
    std::vector<std::string> failing() const { return ids_with(verify().verdict, Outcome::kFail); }
};

}  // namespace openpcc::verify
