// SPDX-License-Identifier: Apache-2.0
#include "apps/vendors/fetch.hpp"

#include <gmock/gmock.h>

#include "apps/vendors/testing.hpp"
#include "trust/collateral/items.hpp"

namespace openpcc::vendors {
namespace {

using testing::day;
using ::testing::HasSubstr;
using testing::Vendors;

struct Fetch : ::testing::Test {
    Vendors world;

    // What became of the one page that a test has changed; everything else must have been taken.
    std::string outcome(TimePoint now = day(1), net::Clock::duration patience = kPatience) {
        const Fetched fetched = world.fetch_all(now, patience);
        if (fetched.failures.empty()) return "taken";
        if (fetched.failures.size() > 1) return std::to_string(fetched.failures.size()) + " failures";
        EXPECT_EQ(collateral::items_of(fetched.collection).size(), 5U);
        return fetched.failures[0].what + ": " + fetched.failures[0].error.describe();
    }
};

TEST_F(Fetch, TakesEverythingThatIsWanted) {
    const Fetched fetched = world.fetch_all();
    EXPECT_TRUE(fetched.failures.empty());
    EXPECT_EQ(fetched.collection.fetched, day(1));
    ASSERT_EQ(fetched.collection.tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(to_string(fetched.collection.tdx.tcb_infos[0].json), world.pages[Vendors::kTcb].content);
    EXPECT_EQ(fetched.collection.tdx.tcb_infos[0].issuer_chain, world.intel.chain());
    EXPECT_EQ(fetched.collection.tdx.qe_identities.size(), 1U);
    EXPECT_EQ(fetched.collection.tdx.crls.size(), 2U);
    EXPECT_EQ(fetched.collection.snp.crls.size(), 2U);
    EXPECT_TRUE(fetched.collection.to_json());
}

TEST_F(Fetch, AsksForNothingElse) {
    (void)world.run(fetch(world.loop, world.sources, {{}, {"Genoa"}}, day(1)));
    EXPECT_EQ(world.asked, (std::vector<std::string>{Vendors::kVcekCrl, Vendors::kVlekCrl}));
    world.asked.clear();
    (void)world.run(fetch(world.loop, world.sources, {{Vendors::kFmspc}, {}}, day(1)));
    EXPECT_EQ(world.asked,
              (std::vector<std::string>{Vendors::kTcb, Vendors::kIdentity, Vendors::kPckCrl, Vendors::kRootCrl}));
}

// BL-4: the address of collateral is never a peer's choice. What an answer says of other places is not followed: not a
// redirect, not the distribution points in certificates.
TEST_F(Fetch, BL_4_AddressesComeFromTheConfigurationAlone) {
    Vendors elsewhere;
    const std::string there = elsewhere.server->endpoint().to_text() + Vendors::kTcb;
    for (const std::uint16_t status : std::initializer_list<std::uint16_t>{301, 302, 303, 307, 308}) {
        world.pages[Vendors::kTcb] = {.status = status, .fields = {{"location", there}}};
        EXPECT_EQ(outcome(), "TCB info for FMSPC 00806f050000: vendors.not_served: status " + std::to_string(status) +
                                 "; redirects are not followed");
    }
    world.publish(day(0));
    world.pages[Vendors::kTcb].fields.add("location", there);
    world.pages[Vendors::kTcb].fields.add("content-location", there);
    EXPECT_EQ(outcome(), "taken");
    EXPECT_TRUE(elsewhere.asked.empty());
}

// BL-5: no way to ask without TLS or without checking whom one has reached.
TEST_F(Fetch, BL_5_OnlyAServerThatTlsHasProvenIsAsked) {
    Vendors stranger;  // its own root
    world.sources.tls = stranger.tls_client;
    for (const auto& failure : world.fetch_all().failures) EXPECT_EQ(failure.error.name(), "net.tls") << failure.what;
    EXPECT_TRUE(world.asked.empty());
    // The right root and another name than that of the certificate.
    world.sources.tls = world.tls_client;
    for (net::Endpoint* at : {&world.sources.intel_api, &world.sources.intel_certificates, &world.sources.amd_kds})
        at->host = "localhost";
    const Fetched fetched = world.fetch_all();
    EXPECT_EQ(fetched.failures.size(), 6U);
    for (const auto& failure : fetched.failures) EXPECT_EQ(failure.error.name(), "net.tls") << failure.what;
    EXPECT_TRUE(world.asked.empty());
    EXPECT_EQ(fetched.collection, collateral::Collection{.fetched = day(1)});
}

TEST_F(Fetch, RefusesAnswersAboutSomethingElse) {
    const auto good = world.pages;
    const auto with = [&](const char* page, std::string content) {
        world.pages = good;
        world.pages[page].content = std::move(content);
        return outcome();
    };
    const auto& intel = world.intel;
    EXPECT_THAT(with(Vendors::kTcb, intel.tcb_info("90C06F000000", day(0))),
                HasSubstr("vendors.bad_answer: an answer about something else"));
    EXPECT_THAT(with(Vendors::kTcb, intel.answer("tcbInfo", intel.tcb_object("00806F050000", day(0), 17, "SGX"))),
                HasSubstr("an answer about something else"));
    EXPECT_THAT(with(Vendors::kTcb, intel.identity(day(0))), HasSubstr("vendors.bad_answer"));
    EXPECT_THAT(with(Vendors::kIdentity, intel.answer("enclaveIdentity", intel.identity_object(day(0), "QE"))),
                HasSubstr("an answer about something else"));
    EXPECT_THAT(with(Vendors::kTcb, "<html>"), HasSubstr("vendors.bad_answer"));
    EXPECT_THAT(with(Vendors::kTcb, ""), HasSubstr("vendors.bad_answer"));
    EXPECT_THAT(with(Vendors::kPckCrl, "<html>"), HasSubstr("not a revocation list in DER"));
    EXPECT_THAT(with(Vendors::kPckCrl, to_string(world.amd.crl(day(0)))), HasSubstr("another issuer"));
    EXPECT_THAT(with(Vendors::kVcekCrl, to_string(world.pck.crl(day(0)))), HasSubstr("another issuer"));
}

TEST_F(Fetch, RefusesWhatTheVendorHasNotSigned) {
    const auto good = world.pages;
    Vendors stranger;
    for (const auto& [path, page] : good) {
        if (path == Vendors::kVlekCrl) continue;
        // All of a stranger's, the chain included; then content alone, under the vendor's chain.
        world.pages = good;
        world.pages[path] = stranger.pages[path];
        EXPECT_THAT(outcome(), HasSubstr("vendors.bad_answer: not signed under the vendor's root")) << path;
        world.pages[path].fields = good.at(path).fields;
        EXPECT_THAT(outcome(), HasSubstr("not signed under the vendor's root")) << path;
    }
    world.pages = good;
    std::string& body = world.pages[Vendors::kTcb].content;
    body.replace(body.find("\"version\":3"), 11, "\"version\":4");
    EXPECT_THAT(outcome(), HasSubstr("not signed under the vendor's root"));
}

TEST_F(Fetch, RefusesAnswersOfTheFuture) {
    world.pages[Vendors::kTcb].content = world.intel.tcb_info("00806F050000", day(2));
    EXPECT_THAT(outcome(), HasSubstr("issued in the future"));
    EXPECT_EQ(outcome(day(2) - Seconds(300)), "taken");
    world.publish(day(0));
    world.pages[Vendors::kVcekCrl].content = to_string(world.amd.crl(day(2)));
    EXPECT_THAT(outcome(), HasSubstr("issued in the future"));
}

TEST_F(Fetch, RefusesAnswersWithoutAnIssuerChain) {
    world.pages[Vendors::kTcb].fields = {};
    EXPECT_THAT(outcome(), HasSubstr("without an issuer chain"));
    world.pages[Vendors::kTcb].fields = {{"tcb-info-issuer-chain", "-----BEGIN%20CERTIFICATE-----"}};
    EXPECT_THAT(outcome(), HasSubstr("without an issuer chain"));
}

TEST_F(Fetch, SaysWhatIsNotServed) {
    for (const std::uint16_t status : std::initializer_list<std::uint16_t>{204, 404, 429, 500, 503}) {
        world.pages[Vendors::kVlekCrl] = {.status = status};
        EXPECT_EQ(outcome(),
                  "revocation list of AMD for Genoa (vlek): vendors.not_served: status " + std::to_string(status));
    }
}

TEST_F(Fetch, ReadsNoMoreThanACollectionMayHold) {
    world.pages[Vendors::kTcb].content = std::string(collateral::kMaxText + 1, ' ');
    EXPECT_THAT(outcome(), HasSubstr("http.too_large"));
    world.publish(day(0));
    world.pages[Vendors::kRootCrl].content = std::string(collateral::kMaxCrl + 1, ' ');
    EXPECT_THAT(outcome(), HasSubstr("http.too_large"));
}

TEST_F(Fetch, WaitsNoLongerThanItsPatience) {
    world.pages[Vendors::kIdentity].stalls = true;
    EXPECT_EQ(outcome(day(1), std::chrono::milliseconds(300)), "QE identity: net.timeout");
}

TEST_F(Fetch, SaysWhenNobodyIsThere) {
    world.server.reset();
    const Fetched fetched = world.fetch_all();
    EXPECT_EQ(fetched.failures.size(), 6U);
    EXPECT_EQ(fetched.failures[0].error.category(), Category::kUnavailable);
}

Result<Settings> read(std::string_view text) {
    auto file = config::File::parse(text, "/etc/test.toml").value();
    Settings settings = Settings::read(file);
    OPENPCC_CHECK(file.finish());
    return settings;
}

TEST(Settings, DefaultsAreTheVendorsOwn) {
    const auto settings = read("");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->sources.intel_api.to_text(), "https://api.trustedservices.intel.com:443");
    EXPECT_EQ(settings->sources.intel_certificates.to_text(), "https://certificates.trustedservices.intel.com:443");
    EXPECT_EQ(settings->sources.amd_kds.to_text(), "https://kdsintf.amd.com:443");
    EXPECT_TRUE(settings->wanted.empty());
    EXPECT_FALSE(settings->roots);
}

TEST(Settings, SayWhatIsWanted) {
    const auto settings = read(
        "[collateral]\nintel_api='https://pccs.example:8081'\nroots='r.pem'\n"
        "fmspc=['00806F050000','90c06f000000']\nproducts=['Milan','Turin']\n");
    ASSERT_TRUE(settings) << settings.error().text();
    EXPECT_EQ(settings->sources.intel_api.port, 8081);
    EXPECT_EQ(settings->roots, "/etc/r.pem");
    ASSERT_EQ(settings->wanted.fmspcs.size(), 2U);
    EXPECT_EQ(to_hex(settings->wanted.fmspcs[0]), "00806f050000");
    EXPECT_EQ(settings->wanted.products, (std::vector<std::string>{"Milan", "Turin"}));
}

TEST(Settings, BL_5_NothingTurnsTlsOrItsVerificationOff) {
    for (std::string_view text :
         {"intel_api='http://127.0.0.1:80'", "intel_certificates='unix:/run/x'", "amd_kds='http://kdsintf.amd.com'",
          "intel_api='kdsintf.amd.com'", "verify=false", "insecure=true", "use_secure_cert=false", "fmspc=['00806f05']",
          "products=['Naples']", "fmspc=[]"}) {
        const auto settings = read("[collateral]\n" + std::string(text));
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error(), config::kBadConfig);
    }
}

}  // namespace
}  // namespace openpcc::vendors
