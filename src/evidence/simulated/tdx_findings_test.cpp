// SPDX-License-Identifier: Apache-2.0
// Mistakes that others made in verifying TDX, each with a test of its name: findings of audits (ZK: zkSecurity, BL:
// Bluethroat, PR: public reports, all three on dstack; GW: gateways) and defects of other verifiers, by project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "evidence/simulated/tdx_world.hpp"

namespace openpcc::simulated {
namespace {

using tdx::TcbStatus;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TdxJudged judged_with(const std::function<void(TdxWorld&)>& change) {
    TdxWorld world;
    change(world);
    return world.judge();
}
TdxJudged judged_quote(const std::function<void(Draft&)>& change) {
    return judged_with([&](TdxWorld& w) { w.change_draft = change; });
}
TdxJudged judged_bytes(const TdxWorld& world, ByteView quote) {
    return world.judge(quote, tdx::SignedCollateral(world.published(), world.anchors()));
}
std::optional<TcbStatus> status_of(const TdxJudged& judged) { return judged.quote.value()->tcb.value().status; }

// What somebody else's authority says, whose root is not an anchor.
std::function<void(tdx::Collateral&)> served_by_another(const TdxWorld& world, const CollateralDraft& draft) {
    return [served = publish(RootAuthority::create(world.now).value(), draft).value()](auto& c) { c = served; };
}

// BL-1 is CVE-2026-22696 of dcap-qvl: the quoting enclave's identity was fetched, and neither its signature nor what it
// says was looked at, so that a quote of anybody's enclave passed.
TEST(Tdx, BL_1_AQuoteOfAForeignEnclaveIsRefused) {
    for (const auto& foreign : std::initializer_list<std::function<void(Draft&)>>{
             [](Draft& d) { d.qe_report.mr_signer.bytes[0] ^= 1; }, [](Draft& d) { d.qe_report.isv_prod_id = 1; },
             [](Draft& d) { d.qe_report.misc_select = 1; }, [](Draft& d) { d.qe_report.attributes.bytes[0] ^= 1; }})
        EXPECT_THAT(judged_quote(foreign).failing(), ElementsAre("tdx.qe_identity"));
}

// The same enclave, with an identity that names it: altered after it was signed, or signed by somebody else.
TEST(Tdx, BL_1_AnIdentityThatIntelDidNotSignExcusesNoEnclave) {
    TdxWorld world;
    world.change_draft = [](Draft& d) { d.qe_report.mr_signer = {{7}}; };
    world.change_collateral = [](tdx::Collateral& c) {
        std::string json = to_string(c.qe_identities[0].json);
        const std::string signer = to_hex(Platform::qe_signer());
        json.replace(json.find(signer), signer.size(), to_hex(ByteArray<32>{{7}}));
        c.qe_identities[0].json = to_bytes(json);
    };
    EXPECT_THAT(world.judge().failing(), ElementsAre("tdx.qe_identity"));
    EXPECT_THAT(world.judge().check("tdx.qe_identity").found, HasSubstr("signature"));
    CollateralDraft theirs = world.collateral;
    theirs.qe_identity.mr_signer = {{7}};
    world.change_collateral = served_by_another(world, theirs);
    EXPECT_THAT(world.judge().failing(), Contains("tdx.qe_identity"));
    // Control: signed by the authority of the quote it is good, so that the signature alone decided.
    world.collateral = theirs;
    world.change_collateral = [](tdx::Collateral&) {};
    EXPECT_THAT(world.judge().failing(), IsEmpty());
}

// BL-2: computed, returned, and not part of success (go-tdx-guest as well).
TEST(Tdx, BL_2_GoTdxGuest_StatusAndAdvisoriesDecide) {
    for (const TcbStatus status :
         {TcbStatus::kSwHardeningNeeded, TcbStatus::kConfigurationNeeded, TcbStatus::kConfigurationAndSwHardeningNeeded,
          TcbStatus::kOutOfDate, TcbStatus::kOutOfDateConfigurationNeeded, TcbStatus::kRevoked}) {
        const auto judged = judged_with([&](auto& w) { w.collateral.tcb_info.levels[0].grade.status = status; });
        EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb")) << to_string(status);
        EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
    }
    const auto denied = [](TdxWorld& w) {
        w.collateral.tcb_info.levels[0].grade.advisories = {"INTEL-SA-06666"};
        w.rules.denied_advisories = {"INTEL-SA-06666"};
    };
    EXPECT_THAT(judged_with(denied).failing(), ElementsAre("tdx.tcb"));
}

// BL-4: the peer named the server of collateral. Whoever serves it, only the vendor's signature counts.
TEST(Tdx, BL_4_WhoServesCollateralDecidesNothing) {
    TdxWorld world;
    const CollateralDraft lenient = [&] {
        CollateralDraft out = world.collateral;
        out.tcb_info.levels[0].sgx = out.tcb_info.levels[1].sgx;
        return out;
    }();
    world.platform.platform.component_svn[0] -= 1;
    EXPECT_THAT(world.judge().failing(), ElementsAre("tdx.tcb"));
    world.change_collateral = served_by_another(world, lenient);
    EXPECT_THAT(world.judge().failing(), Contains("tdx.tcb_info"));
    // Their words under the vendor's certificate.
    const tdx::Collateral theirs = publish(RootAuthority::create(world.now).value(), lenient).value();
    world.change_collateral = [&](tdx::Collateral& c) { c.tcb_infos[0].json = theirs.tcb_infos[0].json; };
    EXPECT_THAT(world.judge().failing(), ElementsAre("tdx.tcb_info"));
    // An old answer of the vendor that is still in date.
    world.change_collateral = [](tdx::Collateral&) {};
    world.collateral = lenient;
    world.collateral.tcb_info.evaluation = world.rules.least_tcb_evaluation - 1;
    EXPECT_THAT(world.judge().failing(), ElementsAre("tdx.tcb_evaluation"));
}

// ZK-6: of the TUD byte only bit 0 was looked at; dcap-qvl once looked at none.
TEST(Tdx, ZK_6_EveryDebugBitIsRefusedWhateverTheRules) {
    for (unsigned bit = 0; bit < 8; ++bit) {
        const auto judged = judged_with([bit](TdxWorld& w) {
            w.rules.attributes.fill(evidence::Must::kAny);
            w.change_draft = [bit](Draft& d) { d.report.td_attributes |= 1ULL << bit; };
        });
        EXPECT_THAT(judged.failing(), ElementsAre("tdx.debug")) << bit;
    }
}

// ZK-10: roots were in the code without a word of where they came from. Ours is one, and a root of its name is another.
TEST(Tdx, ZK_10_ARootIsItsBytes) {
    EXPECT_EQ(to_hex(tdx::intel_root().fingerprint()),
              "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
    TdxWorld world;
    TdxWorld stranger;
    EXPECT_EQ(world.root.certificate().subject_common_name(), stranger.root.certificate().subject_common_name());
    EXPECT_THAT(judged_bytes(world, stranger.quote(stranger.machine())).failing(), ElementsAre("tdx.pck_chain"));
}

// ZK-11 and GW-22; dcap-qvl too had no lists at first. What is unknown is never good, and what has ended gets no grace.
TEST(Tdx, ZK_11_GW_22_RevocationUnknownIsNeverGood) {
    const auto none = judged_with([](TdxWorld& w) { w.change_collateral = [](auto& c) { c.crls.clear(); }; });
    EXPECT_EQ(none.verdict.state(), State::kIncomplete);
    EXPECT_THAT(none.with(Outcome::kNotRun), Contains("tdx.revocation"));
    EXPECT_THAT(judged_with([](TdxWorld& w) { w.collateral.pck_crl.next_update = w.now; }).failing(),
                ElementsAre("tdx.pck_crl"));
    EXPECT_THAT(judged_with([](TdxWorld& w) { w.collateral.root_crl.next_update = w.now; }).failing(),
                ElementsAre("tdx.root_crl"));
}

// GW-22: what was revoked a moment ago is refused, however patient the rules are.
TEST(Tdx, GW_22_ARevokedKeyHasNoGrace) {
    TdxWorld world;
    const Platform machine = world.machine();
    world.rules.grace = std::chrono::days(3650);
    world.rules.collateral_age = {std::chrono::days(3650), std::chrono::days(3650)};
    const auto chain = tdx::parse_pck_chain(as_bytes(machine.draft({}).pck_chain)).value();
    world.collateral.pck_crl.revoked = {chain[0].serial()};
    world.collateral.pck_crl.this_update = world.now;
    const tdx::SignedCollateral published(world.published(), world.anchors());
    EXPECT_THAT(world.judge(world.quote(machine), published).failing(), ElementsAre("tdx.revocation"));
}

TEST(Tdx, GW_4_EmptyListsDeny) {
    EXPECT_THAT(judged_with([](TdxWorld& w) { w.rules.modules.clear(); }).failing(), ElementsAre("tdx.module_floor"));
    const auto hardening = [](TdxWorld& w) {
        w.collateral.tcb_info.levels[0].grade = {TcbStatus::kSwHardeningNeeded, w.now, {"INTEL-SA-00001"}};
        w.rules.amber = {TcbStatus::kSwHardeningNeeded};
    };
    EXPECT_THAT(judged_with(hardening).failing(), ElementsAre("tdx.tcb")) << "no advisory was accepted";
    const auto service = [](TdxWorld& w) {
        w.change_draft = [](Draft& d) {
            d.header.version = 5, d.body_type = tdx::BodyType::kTd15, d.report.mr_service_td.bytes[0] = 1;
        };
    };
    EXPECT_THAT(judged_with(service).failing(), ElementsAre("tdx.service_td"));
}

// PR-h: lengths that somebody announces, and lists without an end.
TEST(Tdx, PR_h_WhatIsAnnouncedIsBounded) {
    const auto extension = [](const Bytes& der) {
        return judged_with([&](TdxWorld& w) { w.platform.pck_extension = der; }).failing();
    };
    EXPECT_THAT(extension({0x30, 0x84, 0xff, 0xff, 0xff, 0xff}), ElementsAre("tdx.pck_certificate"));
    const TdxWorld world;
    EXPECT_THAT(judged_bytes(world, Bytes(tdx::kMaxQuote + 1)).check("tdx.format").found,
                HasSubstr("longer than 16 KiB"));
    const auto levels = [](TdxWorld& w) {
        w.collateral.tcb_info.levels.resize(tdx::kMaxLevels + 1, w.collateral.tcb_info.levels[0]);
    };
    EXPECT_THAT(judged_with(levels).failing(), ElementsAre("tdx.tcb_info"));
}

// It crashed on quotes without a chain.
TEST(Tdx, DcapQvl_AQuoteWithoutItsChainIsRefused) {
    EXPECT_THAT(judged_quote([](Draft& d) { d.pck_chain.clear(); }).failing(), ElementsAre("tdx.format"));
    EXPECT_THAT(judged_quote([](Draft& d) { d.pck_chain = "no certificate"; }).failing(), ElementsAre("tdx.pck_chain"));
    EXPECT_THAT(judged_quote([](Draft& d) { d.outer_type = 1; }).failing(), ElementsAre("tdx.format"));
}

// It compared the components of SGX only.
TEST(Tdx, DcapQvl_TheTcbOfTdxIsJudged) {
    const auto component = judged_quote([](Draft& d) { d.report.tee_tcb_svn.bytes[2] = 3; });
    EXPECT_EQ(status_of(component), TcbStatus::kOutOfDate);
    EXPECT_THAT(component.failing(), ElementsAre("tdx.tcb"));
    const auto module = judged_with([](TdxWorld& w) {
        w.rules.modules = {{1, 0}};
        w.change_draft = [](Draft& d) { d.report.tee_tcb_svn.bytes[0] = 0x0a; };
    });
    EXPECT_EQ(status_of(module), TcbStatus::kOutOfDate);
    EXPECT_THAT(module.failing(), ElementsAre("tdx.tcb"));
}

// And then components 0 and 1 as well, which are the module's own.
TEST(Tdx, DcapQvl_ComponentsOfTheModuleAreNotThePlatforms) {
    const auto judged = judged_with([](TdxWorld& w) {
        w.collateral.tcb_info.levels[0].tdx[0] = 0xff;
        w.collateral.tcb_info.levels[0].tdx[1] = 0xff;
    });
    EXPECT_EQ(status_of(judged), TcbStatus::kUpToDate);
    EXPECT_THAT(judged.failing(), IsEmpty());
}

// A level without components fitted every machine.
TEST(Tdx, DcapQvl_EmptyComponentListsAreRefused) {
    for (const char* kind : {"sgxtcbcomponents", "tdxtcbcomponents"}) {
        const auto judged = judged_with([kind](TdxWorld& w) {
            w.collateral.change_tcb_info = [kind](json::Value& info) {
                auto& level = const_cast<json::Value&>(info.get("tcbLevels")->elements()[0]);
                *level.get("tcb")->get(kind) = json::Value::array();
            };
        });
        EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb_info")) << kind;
    }
}

TEST(Tdx, DcapQvl_RevokedIsNeverTolerated) {
    for (const bool module : {false, true}) {
        const auto judged = judged_with([module](TdxWorld& w) {
            w.rules.amber = {TcbStatus::kRevoked};
            w.rules.grace = std::chrono::days(365 * 5);
            auto& info = w.collateral.tcb_info;
            (module ? info.modules[1].levels[0].grade : info.levels[0].grade).status = TcbStatus::kRevoked;
        });
        EXPECT_EQ(status_of(judged), TcbStatus::kRevoked);
        EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb"));
    }
}

TEST(Tdx, DcapQvl_TheEnclavesVendorIsIntel) {
    EXPECT_THAT(judged_quote([](Draft& d) { d.header.qe_vendor_id = {}; }).failing(), ElementsAre("tdx.qe_vendor"));
}

TEST(Tdx, DcapQvl_TheModulesIdentityIsJudged) {
    const auto signer = [](TdxWorld& w) { w.collateral.tcb_info.modules[1].signer.mr_signer.bytes[0] = 1; };
    EXPECT_THAT(judged_with(signer).failing(), ElementsAre("tdx.module_identity"));
    const auto unknown = [](TdxWorld& w) { w.collateral.tcb_info.modules.pop_back(); };
    EXPECT_THAT(judged_with(unknown).failing(), Contains("tdx.module_identity"));
}

// The module's status stood for the whole where there was one, and hid a platform that is out of date.
TEST(Tdx, GoTdxGuest_AModuleDoesNotMaskItsPlatform) {
    for (const bool platform : {true, false}) {
        const auto judged = judged_with([platform](TdxWorld& w) {
            auto& info = w.collateral.tcb_info;
            (platform ? info.levels[0].grade : info.modules[1].levels[0].grade).status = TcbStatus::kOutOfDate;
        });
        EXPECT_EQ(status_of(judged), TcbStatus::kOutOfDate);
        EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb"));
    }
}

// It looked a module up by SVN[0], which is its security version, and not by SVN[1].
TEST(Tdx, GoTdxGuest_AModuleIsKnownByItsMajorVersion) {
    const auto with_svn = [](std::uint8_t least, std::uint8_t major) {
        return judged_with([=](TdxWorld& w) {
            w.collateral.tcb_info.modules[0].levels = {{1, {TcbStatus::kRevoked, w.now, {}}}};   // TDX_03
            w.collateral.tcb_info.modules[1].levels = {{3, {TcbStatus::kUpToDate, w.now, {}}}};  // TDX_01
            w.rules.modules = {{1, 0}, {3, 0}};
            w.change_draft = [=](Draft& d) {
                d.report.tee_tcb_svn.bytes[0] = least, d.report.tee_tcb_svn.bytes[1] = major;
            };
        });
    };
    EXPECT_EQ(status_of(with_svn(3, 1)), TcbStatus::kUpToDate);
    EXPECT_EQ(status_of(with_svn(1, 3)), TcbStatus::kRevoked);
}

// A verifier of Nitro documents accepted a leaf that signs itself, where no issuers came with it.
TEST(Tdx, NitroValidator_ALeafThatSignsItselfIsRefused) {
    const TdxWorld stranger;
    const std::string itself = stranger.root.certificate_pem();
    for (const std::string& chain : {itself, itself + itself, itself + itself + itself})
        EXPECT_THAT(judged_quote([&](Draft& d) { d.pck_chain = chain; }).failing(), ElementsAre("tdx.pck_chain"));
}

// It read the size of the signed data of version 5 as int32, and crashed where that was negative.
TEST(Tdx, GoTdxGuest_SizesHaveNoSign) {
    for (const auto type : {tdx::BodyType::kTd10, tdx::BodyType::kTd15}) {
        TdxWorld world;
        world.change_draft = [type](Draft& d) { d.header.version = 5, d.body_type = type; };
        const Bytes good = world.quote(world.machine());
        EXPECT_THAT(judged_bytes(world, good).failing(), IsEmpty());
        const std::size_t body = type == tdx::BodyType::kTd10 ? tdx::kTd10Size : tdx::kTd15Size;
        for (const std::size_t offset : {std::size_t{50}, 54 + body})
            for (const std::uint32_t size : {0x7fffffffU, 0x80000000U, 0xffffffffU}) {
                Bytes bytes = good;
                for (std::size_t i = 0; i < 4; ++i) bytes[offset + i] = static_cast<std::uint8_t>(size >> (8 * i));
                EXPECT_THAT(judged_bytes(world, bytes).failing(), ElementsAre("tdx.format")) << offset << " " << size;
            }
    }
}

// Its status went to a policy, and nothing failed.
TEST(Tdx, Trustee_ABadSignatureFails) {
    TdxWorld world;
    Bytes bad = world.quote(world.machine());
    bad[48 + tdx::kTd10Size + 4] ^= 1;
    const auto judged = judged_bytes(world, bad);
    EXPECT_FALSE(judged.quote);
    EXPECT_THAT(judged.failing(), ElementsAre("tdx.quote_signature"));
    EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
}

}  // namespace
}  // namespace openpcc::simulated
