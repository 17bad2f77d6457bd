// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>

#include "apps/openpcc/demo/attacks.hpp"
#include "apps/openpcc/demo/forge.hpp"
#include "evidence/simulated/collateral.hpp"
#include "hops/client/errors.hpp"

namespace openpcc::demo {

namespace {

constexpr std::string_view kEvidence = "/evidence/";

// The client judges the nodes again; the first check that fails, of nodes that all must be refused.
net::Task<Finding> judge(Scene& scene, client::Profile profile) {
    client::Session session = scene.session(std::move(profile));
    const auto judged = co_await session.judge_nodes();
    if (!judged) co_return Finding{std::string(judged.error().name())};
    Finding finding;
    for (const client::JudgedNode& node : (*judged)->nodes) {
        const Check* problem = node.verification.verdict.first_problem();
        if (problem == nullptr || !std::holds_alternative<std::monostate>(node.verification.key)) co_return Finding{};
        finding.by = problem->id;
    }
    // And nothing is sent to nodes with such a verdict.
    const auto asked = co_await scene.ask(session);
    if (asked || !(asked.error() == client::kNotVerified)) finding.by.clear();
    co_return finding;
}

void on_evidence(Scene& scene, const std::function<Bytes(ByteView)>& change) {
    for (auto& tap : scene.node_taps())
        tap->on_answer([change](Tap::Message& message) {
            if (message.path.starts_with(kEvidence) && message.status == 200) message.content = change(message.content);
        });
}

using Machine = std::shared_ptr<const simulated::Platform>;

// machine is the attacker's own, of the right make: everything that it signs is good.
Machine machine(Scene& scene, const simulated::PlatformSpec& spec) {
    auto made = simulated::Platform::from_root(scene.stage().root(), spec, scene.random());
    return made ? std::make_shared<const simulated::Platform>(std::move(*made)) : nullptr;
}
Machine machine(Scene& scene) {
    return machine(scene, simulated::PlatformSpec::good(scene.random(), Scene::wall_clock()));
}

// reissued: every node's evidence comes from the attacker's machine, with that change.
net::Task<Finding> reissued(Scene& scene, Change change, Machine on, client::Profile profile) {
    on_evidence(scene, [change, on](ByteView bundle) { return reissued_bundle(bundle, *on, change); });
    co_return co_await judge(scene, std::move(profile));
}
net::Task<Finding> reissued(Scene& scene, Change change) {
    co_return co_await reissued(scene, std::move(change), machine(scene), scene.profile());
}

client::Profile with_collateral(Scene& scene, const simulated::CollateralDraft& draft) {
    client::Profile profile = scene.profile();
    collateral::Collection collection;
    if (auto published = simulated::publish(scene.stage().root(), draft)) collection.tdx = std::move(*published);
    profile.collateral = std::move(collection);
    return profile;
}

net::Task<Finding> tampered_quote(Scene& scene) {
    on_evidence(scene, [](ByteView bundle) {
        return altered_bundle(bundle, [](statement::Bundle& altered) { altered.cpu_evidence[100] ^= 1; });
    });
    co_return co_await judge(scene, scene.profile());
}

net::Task<Finding> unknown_measurement(Scene& scene) {
    co_return co_await reissued(scene, {.quote = [](simulated::Draft& draft) { draft.report.mrtd.bytes[0] ^= 1; }});
}

net::Task<Finding> node_key_swapped(Scene& scene) {
    on_evidence(scene, [&](ByteView bundle) {
        return altered_bundle(bundle, [&](statement::Bundle& altered) {
            for (seal::KeyConfig& config : altered.statement.core.keys)
                if (auto own = hpke::PrivateKey::generate(config.key.kem(), scene.random()))
                    config.key = own->public_key();
        });
    });
    co_return co_await judge(scene, scene.profile());
}

net::Task<Finding> expired_statement(Scene& scene) {
    co_return co_await reissued(scene, {.statement = [](statement::Bundle& altered) {
                                    altered.statement.core.not_before -= Seconds(7200);
                                    altered.statement.core.not_after -= Seconds(7200);
                                }});
}

net::Task<Finding> debug_guest(Scene& scene) {
    co_return co_await reissued(scene, {.quote = [](simulated::Draft& draft) { draft.report.td_attributes |= 1; }});
}

net::Task<Finding> movable_guest(Scene& scene) {
    co_return co_await reissued(scene,
                                {.quote = [](simulated::Draft& draft) { draft.report.td_attributes |= 1ULL << 29; }});
}

// A quoting enclave that somebody else has signed vouches for whatever its maker likes.
net::Task<Finding> foreign_enclave(Scene& scene) {
    co_return co_await reissued(scene,
                                {.quote = [](simulated::Draft& draft) { draft.qe_report.mr_signer.bytes[0] ^= 1; }});
}

net::Task<Finding> old_firmware(Scene& scene) {
    auto spec = simulated::PlatformSpec::good(scene.random(), Scene::wall_clock());
    spec.platform.component_svn[0] = 0;
    co_return co_await reissued(scene, {}, machine(scene, spec), scene.profile());
}

// The vendor has revoked the machine; the client has the vendor's list.
net::Task<Finding> revoked_machine(Scene& scene) {
    const TimePoint now = Scene::wall_clock();
    const auto spec = simulated::PlatformSpec::good(scene.random(), now);
    const auto revoked = machine(scene, spec);
    const std::string pem = revoked->draft({}).pck_chain;
    const auto chain = tdx::parse_pck_chain(as_bytes(pem));
    if (!chain) co_return Finding{};
    auto draft = simulated::CollateralDraft::good(spec.platform, now);
    draft.pck_crl.revoked = {chain->front().serial()};
    co_return co_await reissued(scene, {}, revoked, with_collateral(scene, draft));
}

// A list of known holes from before the newest were known, still in date.
net::Task<Finding> old_collateral(Scene& scene) {
    const TimePoint now = Scene::wall_clock();
    auto draft = simulated::CollateralDraft::good(simulated::PlatformSpec::good(scene.random(), now).platform, now);
    draft.tcb_info.evaluation = 5;
    co_return co_await judge(scene, with_collateral(scene, draft));
}

// Evidence of a moment ago, for somebody else's challenge.
net::Task<Finding> replayed_evidence(Scene& scene) {
    std::map<std::string, Bytes> first;
    for (auto& tap : scene.node_taps())
        tap->on_answer([&first](Tap::Message& message) {
            if (!message.path.starts_with(kEvidence) || message.status != 200) return;
            const auto [kept, is_new] = first.emplace(message.path, message.content);
            if (!is_new) message.content = kept->second;
        });
    client::Session before = scene.session(scene.profile());
    if (!co_await before.judge_nodes()) co_return Finding{};
    co_return co_await judge(scene, scene.profile());
}

constexpr Attack kAttacks[] = {
    {"tampered quote", "tdx.quote_signature", tampered_quote},
    {"unknown measurement", "policy.measurement.mrtd", unknown_measurement},
    {"node key swapped", "binding.report_data", node_key_swapped},
    {"expired statement", "statement.validity", expired_statement},
    {"guest that its host can debug", "tdx.debug", debug_guest},
    {"guest that can be moved to another machine", "tdx.attributes.migratable", movable_guest},
    {"quote by a foreign quoting enclave", "tdx.qe_identity", foreign_enclave},
    {"machine with old firmware", "tdx.tcb", old_firmware},
    {"machine that its vendor has revoked", "tdx.revocation", revoked_machine},
    {"old collateral that is still in date", "tdx.tcb_evaluation", old_collateral},
    {"evidence replayed", "freshness.challenge", replayed_evidence},
};

}  // namespace

std::span<const Attack> evidence_attacks() { return kAttacks; }

}  // namespace openpcc::demo
