// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

using ::testing::HasSubstr;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

void expect_bad(std::string_view text, std::string_view path) {
    const auto read = Policy::parse(as_bytes(text));
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error(), kBadPolicy);
    EXPECT_THAT(read.error().text(), HasSubstr("`" + std::string(path) + "`"));
}

// each_member calls `visit(object, name, path)` for every member at every level; the object is the live one in the
// tree.
template <class Visit>
void each_member(json::Value& value, const std::string& path, const Visit& visit) {
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.elements().size(); ++i) {
            auto& element = const_cast<json::Value&>(value.elements()[i]);
            each_member(element, path + "[" + std::to_string(i) + "]", visit);
        }
        return;
    }
    if (!value.is_object()) return;
    std::vector<std::string> names;
    for (const auto& member : value.members()) names.push_back(member.first);
    for (const std::string& name : names) {
        const std::string where = path.empty() ? name : path + "." + name;
        visit(value, name, where);
        each_member(*value.get(name), where, visit);
    }
}

TEST(Policy, ReadsWhatItWrites) {
    for (Preset preset : kPresets) {
        for (bool pq : {false, true}) {
            Policy value = sample_policy(preset);
            value.require_pq = pq;
            const auto read = Policy::parse(as_bytes(value.to_json()));
            ASSERT_TRUE(read) << read.error().describe();
            EXPECT_EQ(*read, value);
            EXPECT_EQ(read->to_json(), value.to_json());
        }
        const Policy empty = Policy::of(preset, sample_time());
        EXPECT_EQ(Policy::parse(as_bytes(empty.to_json())).value(), empty);
    }
}

TEST(Policy, ATeeWithoutRulesIsNull) {
    Policy value = sample_policy();
    value.tdx.reset();
    value.snp.reset();
    const auto read = Policy::parse(as_bytes(value.to_json()));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_FALSE(read->tdx || read->snp);
    EXPECT_THAT(value.to_json(), HasSubstr(R"("tdx":null,"snp":null)"));
}

TEST(Policy, EveryMemberIsRequiredAtEveryLevel) {
    auto value = sample_json();
    std::size_t members = 0;
    each_member(value, "", [&](json::Value& object, const std::string& name, const std::string& path) {
        auto order = object.clone();
        object.remove(name);
        expect_bad(value.to_text(), path == "exceptions[0].scope.platform" ? "exceptions[0].scope.release" : path);
        object = std::move(order);
        ++members;
    });
    EXPECT_GT(members, 150U);
}

TEST(Policy, UnknownAndRepeatedMembersAreErrorsAtEveryLevel) {
    auto value = sample_json();
    each_member(value, "", [&](json::Value& object, const std::string& name, const std::string& path) {
        object.set("trust_all", json::Value::boolean(true));
        const std::string parent = path.substr(0, path.size() - name.size());
        expect_bad(value.to_text(), parent + "trust_all");
        object.remove("trust_all");
    });
    const std::string good = sample_policy().to_json();
    for (std::string_view member : {"\"candidates\":2", "\"preset\":\"standard\"", "\"smt\":\"any\"", "\"major\":1"})
        EXPECT_EQ(
            Policy::parse(as_bytes(replaced(good, member, std::string(member) + "," + std::string(member)))).error(),
            kBadPolicy)
            << member;
}

TEST(Policy, NamesTheMemberThatIsWrong) {
    const std::string good = sample_policy().to_json();
    const auto refused = [&](std::string_view from, std::string_view to, std::string_view path) {
        expect_bad(replaced(good, from, to), path);
    };
    refused("\"name\":\"standard\"", "\"name\":\"\"", "name");
    refused("\"name\":\"standard\"", "\"name\":\"a\\u0007b\"", "name");
    refused("\"issued\":\"2026-11-25T07:00:00Z\"", "\"issued\":\"2026-11-25\"", "issued");
    refused("\"expires\":\"2027", "\"expires\":\"2025", "expires");
    refused("\"preset\":\"standard\"", "\"preset\":\"Standard\"", "preset");
    refused("\"of\":[\"intel\"", "\"of\":[\"Intel\"", "roots.of[0]");
    refused("\"of\":[\"intel\"", "\"of\":[\"amd\"", "roots.of[1]");
    refused("\"tdx\":{", "\"tdx\":true,\"x\":{", "tdx");
    for (const std::string name : {"least_tcb_evaluation", "least_qe_evaluation"})
        for (std::string_view number : {"-1", "4294967296", "\"18\""})
            refused("\"" + name + "\":18", "\"" + name + "\":" + std::string(number), "tdx." + name);
    refused("{\"major\":3", "{\"major\":1", "tdx.modules[1]");
    refused("\"least\":6", "\"least\":256", "tdx.modules[0].least");
    for (std::string_view status : {"UpToDate", "Revoked", "outOfDate", "OutOfDate"})
        refused("SWHardeningNeeded", status, status == "OutOfDate" ? "tdx.amber[1]" : "tdx.amber[0]");
    refused("INTEL-SA-01103", "INTEL SA 01103", "tdx.accepted_advisories[0]");
    refused("INTEL-SA-01397", "", "tdx.denied_advisories[0]");
    refused("\"grace_days\":90", "\"grace_days\":3651", "tdx.grace_days");
    refused("\"amber_days\":21", "\"amber_days\":31", "tdx.collateral_age.amber_days");
    refused("\"migratable\":\"zero\"", "\"migratable\":\"false\"", "tdx.attributes.migratable");
    refused("\"x87\":\"one\"", "\"x87\":1", "tdx.xfam.x87");
    refused("\"service_tds\":[\"5d", "\"service_tds\":[\"", "tdx.service_tds[0]");
    refused("\"product\":\"Genoa\"", "\"product\":\"Naples\"", "snp.products[0].product");
    refused("\"product\":\"Genoa\"", "\"product\":\"Turin\"", "snp.products[0].green.fmc");
    refused("\"fmc\":0", "\"fmc\":256", "snp.products[1].green.fmc");
    refused("\"build\":40", "\"build\":4000", "snp.products[0].least_firmware.build");
    refused("[\"AMD-SB-3016\",\"AMD-SB-3020\",\"AMD-SB-3023\",\"AMD-SB-3027\",\"AMD-SB-3030\",\"AMD-SB-3034\"]", "[]",
            "snp.products[0].amber.advisories");
    refused("\"platform_unknown\":\"zero\"", "\"platform_unknown\":\"one\"", "snp.products[0].platform_unknown");
    refused("example-cloud", "", "snp.vlek_providers[0]");
    refused("\"vmpl\":0", "\"vmpl\":4", "snp.vmpl");
    refused("\"tee\":\"tdx\"", "\"tee\":\"sgx\"", "measurements[0].tee");
    refused("\"mrtd\":\"01", "\"mrtd\":\"zz", "measurements[0].mrtd");
    refused("\"rtmr2\":\"04", "\"rtmr2\":\"", "measurements[0].rtmr2");
    refused("\"host_data\":\"07", "\"host_data\":\"0700", "measurements[1].host_data");
    refused("\"guest_svn\":10", "\"guest_svn\":\"10\"", "measurements[1].guest_svn");
    refused("demo-1.0.0", "demo 1.0.0", "measurements[0].release");
    refused("demo-0.9.0", "", "revoked_releases[0]");
    refused("\"models\":[\"a1", "\"models\":[\"", "models[0]");
    refused("\"models\":[", "\"models\":[null,", "models[0]");
    refused("\"b2", "\"b1", "engine_profiles[1]");
    refused("\"rule\":\"listed\"", "\"rule\":\"any\"", "hardware.ids");
    refused("\"rule\":\"listed\"", "\"rule\":\"all\"", "hardware.rule");
    refused("shared worker", "shared", "isolation[0]");
    refused("\"scope\":{\"platform\"", "\"scope\":{\"release\":\"x\",\"platform\"", "exceptions[0].scope.release");
    refused("\"reason\":\"new", "\"reason\":\"\\nnew", "exceptions[0].reason");
    refused("\"advisory\":\"INTEL", "\"advisory\":\"intel", "exceptions[0].advisory");
    const std::string one =
        good.substr(good.find("{\"check\""), good.find("},{\"check\"") - good.find("{\"check\"") + 1);
    refused(one, one + "," + replaced(one, "boards", "nodes"), "exceptions[1]");
    refused("\"max_evidence_age\":300", "\"max_evidence_age\":300.5", "max_evidence_age");
    refused("\"max_evidence_age\":300", "\"max_evidence_age\":0", "max_evidence_age");
    refused("\"candidates\":2", "\"candidates\":0", "candidates");
    refused("\"candidates\":2", "\"candidates\":9", "candidates");
    refused("\"candidates\":2", "\"candidates\":\"2\"", "candidates");
    refused("\"require_pq\":false", "\"require_pq\":0", "require_pq");
}

TEST(Policy, VersionOneSaysWhatToDo) {
    const auto read = Policy::parse(as_bytes(R"({"version":1,"preset":"strict"})"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), kBadPolicy);
    EXPECT_THAT(read.error().text(), HasSubstr("openpcc-admin policy make"));
    for (std::string_view version : {"0", "3", "2.5", "\"2\"", "null"})
        expect_bad(replaced(sample_policy().to_json(), "\"version\":2", "\"version\":" + std::string(version)),
                   "version");
}

TEST(Policy, RefusesWhatIsNotStrictJson) {
    const std::string good = sample_policy().to_json();
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), good + "{}", "{" + good, replaced(good, "}", "},")})
        EXPECT_EQ(Policy::parse(as_bytes(text)).error(), kBadPolicy) << text;
}

TEST(Policy, ListsAreBounded) {
    Policy value = sample_policy();
    value.models.clear();
    for (std::size_t i = 0; i < 257; ++i)
        value.models.push_back(Digest256{{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}});
    expect_bad(value.to_json(), "models");
    value.models.pop_back();
    EXPECT_TRUE(Policy::parse(as_bytes(value.to_json())));
}

TEST(Policy, AValueWithoutMoreAcceptsNothing) {
    const Policy value;
    EXPECT_TRUE(value.expires <= TimePoint{} && !value.tdx && !value.snp && value.roots.of.empty());
    EXPECT_TRUE(value.models.empty() && value.engine_profiles.empty() && value.isolation.empty());
    EXPECT_TRUE(value.hardware.rule == Hardware::Rule::kListed && value.hardware.ids.empty());
}

// systems.md GW-4: an empty list must not read as "everything". What verification makes of it is tested there; here,
// that no empty list is filled in on the way.
TEST(Policy, GW_4_EmptyListsStayEmpty) {
    Policy value = sample_policy();
    value.roots.of.clear();
    value.tdx->modules.clear();
    value.snp->products.clear();
    value.tdx_measurements.clear();
    value.snp_measurements.clear();
    value.models.clear();
    value.engine_profiles.clear();
    value.hardware.ids.clear();
    value.isolation.clear();
    const auto read = Policy::parse(as_bytes(value.to_json()));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(*read, value);
}

// systems.md GW-2: tokens of others were read without their signature, or with "alg: none". A signed policy is opened
// by the signatures of those who were named, and by nothing that it says of itself.
TEST(Policy, GW_2_NoSignatureMeansNoPolicy) {
    const auto ann = crypto::SigningKey::generate_ed25519();
    const auto eve = crypto::SigningKey::generate_ed25519();
    const auto ann_signs = envelope::Signer::of(ann.verifying_key()).value();
    const auto signers = envelope::SignerSet::make({ann_signs}, 1).value();
    envelope::Envelope good{std::string(kPayloadType), to_bytes(sample_policy().to_json()), {}};
    ASSERT_TRUE(good.sign(ann));
    ASSERT_TRUE(Policy::open(as_bytes(good.to_json()), signers));

    const auto refused = [&](const std::function<void(envelope::Envelope&)>& change) {
        envelope::Envelope changed = good;
        change(changed);
        return !Policy::open(as_bytes(changed.to_json()), signers);
    };
    EXPECT_TRUE(refused([](auto& e) { e.signatures.clear(); }));
    EXPECT_TRUE(refused([](auto& e) { e.signatures[0].bytes = Bytes(64); }));
    EXPECT_TRUE(refused([](auto& e) { e.signatures[0].bytes = Bytes{}; }));
    EXPECT_TRUE(refused([&](auto& e) {  // another's signature, under the good name
        e.signatures.clear();
        EXPECT_TRUE(e.sign(eve));
        e.signatures[0].key_id = ann_signs.key_id();
    }));
    EXPECT_TRUE(refused([](auto& e) { e.payload = to_bytes(sample_policy(Preset::kDevelopment).to_json()); }));
    EXPECT_TRUE(refused([](auto& e) { e.type = "application/json"; }));
    for (std::string_view more : {"\"alg\":\"none\",", "\"verified\":true,"})
        EXPECT_FALSE(Policy::open(as_bytes(replaced(good.to_json(), "{", "{" + std::string(more))), signers));
    EXPECT_FALSE(Policy::open(as_bytes(sample_policy().to_json()), signers));
}

// systems.md ZK-7: images were named by tags, which others can move. Here what runs is named by whole digests alone.
TEST(Policy, ZK_7_OnlyDigestsNameWhatRuns) {
    auto value = sample_json();
    const auto names_what_runs = [](const std::string& path) {
        for (std::string_view list : {"models[", "engine_profiles[", "hardware.ids[", "tdx.service_tds["})
            if (path.starts_with(list)) return true;
        if (!path.starts_with("measurements[")) return false;
        return !path.ends_with(".tee") && !path.ends_with(".release") && !path.ends_with(".guest_svn");
    };
    std::size_t places = 0;
    const auto refuses_tags = [&](json::Value& place, const std::string& path) {
        if (!names_what_runs(path) || !place.as_string()) return;
        const json::Value kept = place.clone();
        const std::string digest(kept.as_string().value());
        for (const std::string& tag :
             {std::string("latest"), std::string("node:1.0.0"), std::string(), "sha384:" + digest, digest.substr(2),
              digest + "00", digest.substr(0, 16) + "*"}) {
            place = json::Value::string(tag);
            expect_bad(value.to_text(), path);
        }
        place = kept.clone();
        ++places;
    };
    each_member(value, "", [&](json::Value& object, const std::string& name, const std::string& path) {
        json::Value& member = *object.get(name);
        refuses_tags(member, path);
        for (std::size_t i = 0; member.is_array() && i < member.elements().size(); ++i)
            refuses_tags(const_cast<json::Value&>(member.elements()[i]), path + "[" + std::to_string(i) + "]");
    });
    EXPECT_EQ(places, 14U);  // five registers of TDX, four values of SEV-SNP, and five of the lists
}

// systems.md GW-6: an exception is for one check that may be excused, with a scope, a reason and an end.
TEST(Policy, GW_6_ExceptionsAreOnlyForChecksThatCanBeExcused) {
    for (std::string_view check : excusable_checks()) {
        Policy value = sample_policy();
        value.exceptions[0].check = check;
        EXPECT_TRUE(Policy::parse(as_bytes(value.to_json()))) << check;
    }
    for (std::string_view check :
         {"", "*", "tdx.quote_signature", "tdx.pck_chain", "tdx.debug", "tdx.format", "tdx.attributes.migratable",
          "tdx.revocation", "snp.policy.debug", "snp.policy.migrate_ma", "snp.signature", "binding.report_data",
          "freshness.challenge", "root.trust", "policy.simulated", "policy.measurement.mrtd", "policy.expiry"}) {
        EXPECT_EQ(std::ranges::count(excusable_checks(), check), 0) << check;
        Policy value = sample_policy();
        value.exceptions[0].check = check;
        expect_bad(value.to_json(), "exceptions[0].check");
    }
}

TEST(Measurement, FileFormIsTheObjectOfThePolicy) {
    const auto tdx = TdxMeasurement::parse(as_bytes(sample_tdx_measurement().to_json()));
    ASSERT_TRUE(tdx) << tdx.error().describe();
    EXPECT_EQ(*tdx, sample_tdx_measurement());
    const auto snp = SnpMeasurement::parse(as_bytes(sample_snp_measurement().to_json()));
    ASSERT_TRUE(snp) << snp.error().describe();
    EXPECT_EQ(*snp, sample_snp_measurement());
    EXPECT_THAT(sample_policy().to_json(), HasSubstr(sample_tdx_measurement().to_json()));
    EXPECT_THAT(sample_policy().to_json(), HasSubstr(sample_snp_measurement().to_json()));
    // One kind does not read as the other.
    EXPECT_EQ(TdxMeasurement::parse(as_bytes(sample_snp_measurement().to_json())).error(), kBadPolicy);
    EXPECT_EQ(SnpMeasurement::parse(as_bytes(sample_tdx_measurement().to_json())).error(), kBadPolicy);
    EXPECT_EQ(TdxMeasurement::parse(as_bytes("null")).error(), kBadPolicy);
}

}  // namespace
}  // namespace openpcc::policy
