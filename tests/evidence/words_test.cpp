// SPDX-License-Identifier: Apache-2.0
#include "evidence/words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/row.hpp"

namespace openpcc::collected {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Words, TheFirstWholeWordDecides) {
    EXPECT_EQ(decision("ACCEPT with this.json: UpToDate. With that.json REJECT"), Decision::kAccept);
    EXPECT_EQ(decision("signatures valid; REJECT: no TCB level matches"), Decision::kReject);
    EXPECT_EQ(decision("policy that demands zero must REJECT"), Decision::kReject);
    EXPECT_EQ(decision("signature valid"), Decision::kSignatures);
    EXPECT_EQ(decision("rejected or ACCEPTED by others"), Decision::kUnsaid);
    EXPECT_EQ(decision("container sample"), Decision::kUnsaid);
}

TEST(Words, AcceptingASignatureIsNotAcceptingThePlatform) {
    EXPECT_EQ(decision("ACCEPT signature with vcek.der"), Decision::kSignatures);
    EXPECT_EQ(decision("ACCEPT key binding: report_data is the key's"), Decision::kSignatures);
}

TEST(Words, ARefusalAtAnotherTimeOrUnderAConditionDoesNotDecide) {
    EXPECT_EQ(decision("chain valid until 2025; expired afterwards → REJECT"), Decision::kSignatures);
    EXPECT_EQ(decision("REJECT when a nonce is required"), Decision::kUnsaid);
}

TEST(Words, ReasonsAreChecks) {
    EXPECT_THAT(reasons("REJECT: DEBUG TD"),
                testing::Contains(testing::Field(&Reason::checks, testing::Contains("tdx.debug"))));
    EXPECT_THAT(reasons("REJECT: VMPL 2"),
                testing::ElementsAre(testing::Field(&Reason::checks, ElementsAre("snp.vmpl"))));
    EXPECT_THAT(reasons("REJECT: for a cause that nobody has thought of"), IsEmpty());
}

TEST(Words, StatusesAndAdvisories) {
    EXPECT_THAT(statuses("REJECT OutOfDate: although the module is UpToDate"), ElementsAre("OutOfDate"));
    EXPECT_THAT(statuses("the platform is OutOfDate, the module UpToDate"), ElementsAre("OutOfDate", "UpToDate"));
    EXPECT_THAT(statuses("no TCB level matches"), ElementsAre("not supported"));
    EXPECT_THAT(statuses("SGX. (As SGX: ConfigurationAndSWHardeningNeeded.)"), IsEmpty());
    EXPECT_THAT(statuses("OutOfDateConfigurationNeeded"), ElementsAre("OutOfDateConfigurationNeeded"));
    EXPECT_THAT(advisories("(INTEL-SA-00960, -00982, -00986)"),
                ElementsAre("INTEL-SA-00960", "INTEL-SA-00982", "INTEL-SA-00986"));
}

TEST(Words, WindowsBelongToWhatStandsBeforeThem) {
    const auto found =
        windows("TCB info 2025-06-19..07-19 eval 17, root CRL 2025-03-20..2026-04-03, PCK CRL 2025-12-20..01-19");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].from, "2025-06-19");
    EXPECT_EQ(found[0].to, "2025-07-19");
    EXPECT_EQ(found[0].about, About::kTcbInfo);
    EXPECT_EQ(found[1].to, "2026-04-03");
    EXPECT_EQ(found[1].about, About::kRootCrl);
    EXPECT_EQ(found[2].to, "2026-01-19");
    EXPECT_EQ(found[2].about, About::kPckCrl);
}

TEST(Words, Numbers) {
    const auto found = evaluations("TCB info, evaluation 20, QE identity evaluation number 19");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].value, 20U);
    EXPECT_EQ(found[0].about, About::kTcbInfo);
    EXPECT_EQ(found[1].value, 19U);
    EXPECT_EQ(found[1].about, About::kIdentity);
    EXPECT_EQ(entries("44 entries").at(0).value, 44U);
    EXPECT_EQ(entries("root CRL, empty").at(0).value, 0U);
    EXPECT_EQ(event_count("75 events, banks sha1/sha256"), 75U);
    EXPECT_THAT(banks("75 events, banks sha1/sha256"), ElementsAre("sha1", "sha256"));
    EXPECT_EQ(fmspc("TCB info FMSPC 90C06F000000, x"), "90c06f000000");
    EXPECT_EQ(fmspc("TDX TCB info 00806F050000 with chain"), "00806f050000");
    EXPECT_THAT(module_svn("FMSPC b0c06f000000, SVN 0b 01 04"), ElementsAre(0x0b, 1, 4));
}

TEST(Words, PartsAndNames) {
    EXPECT_THAT(parts("ACCEPT with a.json: good. With b/c.json → REJECT"),
                ElementsAre("ACCEPT with a.json: good", "With b/c.json → REJECT"));
    EXPECT_THAT(names("with a/b_c.json."), ElementsAre("with", "a/b_c.json"));
}

TEST(Rows, MomentsAndTheirLabels) {
    EXPECT_TRUE(moments("-").empty());
    const auto two = moments("2025-06-15T00:00:00Z (UpToDate) / 2026-02-25T00:00:00Z (OutOfDate)");
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(two[0].label, "UpToDate");
    EXPECT_EQ(to_rfc3339(two[1].time), "2026-02-25T00:00:00Z");
    EXPECT_EQ(two[1].label, "OutOfDate");
    EXPECT_THROW(moments("2025-13-45T00:00:00Z"), std::exception);
}

}  // namespace
}  // namespace openpcc::collected
