// SPDX-License-Identifier: Apache-2.0
// The parser of evidence/tdx on quotes of the simulated writer. Offsets are those of Intel's tables, written out here a
// second time, so that reader and writer cannot agree on a mistake; the real samples are the third witness.
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "evidence/simulated/pck_writer.hpp"
#include "evidence/simulated/platform.hpp"
#include "evidence/tdx/verify.hpp"
#include "wire/der.hpp"

namespace openpcc::simulated {
namespace {

const TimePoint kNow = parse_rfc3339("2026-11-25T07:00:00Z").value();

struct Machine {
    crypto::SystemRandom random;
    Platform platform = Platform::create(random, kNow).value();

    Draft draft() const { return platform.draft(Platform::report(ByteArray<64>{{1, 2, 3}})); }
    Bytes quote() const { return platform.sign(draft()).value(); }
};

std::string filled(std::size_t size, std::uint8_t value) { return to_hex(std::vector<std::uint8_t>(size, value)); }

template <std::size_t N, class Tag>
void mark(ByteArray<N, Tag>& field, std::uint8_t value) {
    field.bytes.fill(value);
}

TEST(QuoteFormat, EveryFieldStandsAtItsOffset) {
    Machine machine;
    Draft draft = machine.draft();
    draft.header.version = 5;
    draft.body_type = tdx::BodyType::kTd15;
    auto& r = draft.report;
    mark(draft.header.reserved, 1), mark(draft.header.qe_vendor_id, 2), mark(draft.header.user_data, 3);
    mark(r.tee_tcb_svn, 4), mark(r.mr_seam, 5), mark(r.mr_signer_seam, 6), mark(r.mrtd, 7), mark(r.mr_config_id, 8);
    mark(r.mr_owner, 9), mark(r.mr_owner_config, 10), mark(r.report_data, 15), mark(r.tee_tcb_svn2, 16);
    mark(r.mr_service_td, 17);
    for (std::uint8_t i = 0; i < 4; ++i) mark(r.rtmr[i], static_cast<std::uint8_t>(11 + i));
    r.seam_attributes = 0x0807060504030201, r.td_attributes = 0x1817161514131211, r.xfam = 0x2827262524232221;
    const Bytes bytes = machine.platform.sign(draft).value();
    const struct {
        std::size_t offset, size;
        std::uint8_t value;
    } fields[] = {{8, 4, 1},     {12, 16, 2},   {28, 20, 3},   {54, 16, 4},   {70, 48, 5},   {118, 48, 6},
                  {190, 48, 7},  {238, 48, 8},  {286, 48, 9},  {334, 48, 10}, {382, 48, 11}, {430, 48, 12},
                  {478, 48, 13}, {526, 48, 14}, {574, 64, 15}, {638, 16, 16}, {654, 48, 17}};
    for (const auto& field : fields)
        EXPECT_EQ(to_hex(bytes.view().subspan(field.offset, field.size)), filled(field.size, field.value));
    EXPECT_EQ(to_hex(bytes.view().first(8)), "0500020081000000");
    EXPECT_EQ(to_hex(bytes.view().subspan(48, 6)), "030088020000");
    EXPECT_EQ(to_hex(bytes.view().subspan(166, 24)), "010203040506070811121314151617182122232425262728");

    const auto parsed = tdx::Quote::parse(bytes);
    ASSERT_TRUE(parsed) << parsed.error().describe();
    const tdx::Quote& quote = parsed->claimed();
    EXPECT_EQ(quote.report.mrtd, r.mrtd);
    EXPECT_EQ(quote.report.rtmr[3], r.rtmr[3]);
    EXPECT_EQ(quote.report.report_data, r.report_data);
    EXPECT_EQ(quote.report.mr_service_td, r.mr_service_td);
    EXPECT_EQ(quote.report.xfam, r.xfam);
    EXPECT_EQ(quote.header.user_data, draft.header.user_data);
    EXPECT_EQ(quote.signed_part.size(), 702U);
}

TEST(QuoteFormat, EveryFieldOfTheQeReportStandsAtItsOffset) {
    Machine machine;
    Draft draft = machine.draft();
    auto& qe = draft.qe_report;
    mark(qe.cpu_svn, 1), mark(qe.reserved1, 2), mark(qe.isv_ext_prod_id, 3), mark(qe.attributes, 4);
    mark(qe.mr_enclave, 5), mark(qe.reserved2, 6), mark(qe.mr_signer, 7), mark(qe.reserved3, 8), mark(qe.config_id, 9);
    mark(qe.reserved4, 10), mark(qe.isv_family_id, 11);
    qe.misc_select = 0x04030201, qe.isv_prod_id = 0x1211, qe.isv_svn = 0x2221, qe.config_svn = 0x3231;
    draft.qe_report_data = ByteArray<64>{};
    mark(*draft.qe_report_data, 12);
    const Bytes bytes = machine.platform.sign(draft).value();
    constexpr std::size_t kReport = 632 + 4 + 134;
    const ByteView report = bytes.view().subspan(kReport, 384);
    const struct {
        std::size_t offset, size;
        std::uint8_t value;
    } fields[] = {{0, 16, 1},   {20, 12, 2},  {32, 16, 3},  {48, 16, 4},   {64, 32, 5},   {96, 32, 6},
                  {128, 32, 7}, {160, 32, 8}, {192, 64, 9}, {262, 42, 10}, {304, 16, 11}, {320, 64, 12}};
    for (const auto& field : fields)
        EXPECT_EQ(to_hex(report.subspan(field.offset, field.size)), filled(field.size, field.value));
    EXPECT_EQ(to_hex(report.subspan(16, 4)), "01020304");
    EXPECT_EQ(to_hex(report.subspan(256, 6)), "111221223132");
    const auto quote = tdx::Quote::parse(bytes);
    ASSERT_TRUE(quote) << quote.error().describe();
    EXPECT_EQ(quote->claimed().qe_report.isv_svn, 0x2221);
    EXPECT_EQ(quote->claimed().qe_report.mr_signer, qe.mr_signer);
    EXPECT_EQ(quote->claimed().qe_report.report_data, *draft.qe_report_data);
}

TEST(QuoteFormat, RefusesEveryTruncationAndAnythingBehind) {
    const Machine machine;
    const Bytes bytes = machine.quote();
    ASSERT_TRUE(tdx::Quote::parse(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(tdx::Quote::parse(bytes.view().first(size)).error(), tdx::kMalformed) << size;
        EXPECT_EQ(tdx::without_padding(bytes.view().first(size)).error(), tdx::kMalformed) << size;
    }
    EXPECT_EQ(tdx::Quote::parse(concat(bytes, Bytes{0})).error(), tdx::kMalformed);
    EXPECT_EQ(tdx::Quote::parse(Bytes(tdx::kMaxQuote + 1)).error(), tdx::kMalformed);
}

TEST(QuoteFormat, CutsPaddingOfZerosOnly) {
    const Machine machine;
    const Bytes bytes = machine.quote();
    EXPECT_TRUE(equal(tdx::without_padding(bytes).value(), bytes));
    EXPECT_TRUE(equal(tdx::without_padding(concat(bytes, Bytes(3065))).value(), bytes));
    EXPECT_EQ(tdx::without_padding(concat(bytes, Bytes{0, 0, 1})).error(), tdx::kMalformed);
    EXPECT_EQ(tdx::without_padding(concat(bytes, Bytes(70000))).error(), tdx::kMalformed);
}

// Every length field, with every value that was a bug somewhere: none, one less, one more, the largest, the "negative".
TEST(QuoteFormat, RefusesLengthsThatDoNotFit) {
    const Machine machine;
    const Bytes good = machine.quote();
    constexpr std::size_t kInner = 636 + 584 + 32;
    const struct {
        std::size_t offset, width;
    } lengths[] = {{632, 4}, {636 + 130, 4}, {636 + 582, 2}, {kInner + 2, 4}};
    for (const auto& length : lengths) {
        std::uint64_t stated = 0;
        for (std::size_t i = length.width; i-- > 0;) stated = stated << 8 | good[length.offset + i];
        for (std::uint64_t value : {std::uint64_t{0}, stated - 1, stated + 1, std::uint64_t{0x7fffffff},
                                    std::uint64_t{0x80000000}, std::uint64_t{0xffffffff}, std::uint64_t{0xffff}}) {
            Bytes bytes = good;
            for (std::size_t i = 0; i < length.width; ++i)
                bytes[length.offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
            if (bytes == good) continue;
            EXPECT_FALSE(tdx::Quote::parse(bytes)) << length.offset << " " << value;
        }
    }
}

TEST(QuoteFormat, RefusesOtherVersionsKeysAndBodies) {
    const Machine machine;
    const auto parses = [&](auto change) {
        Draft draft = machine.draft();
        change(draft);
        return tdx::Quote::parse(machine.platform.sign(draft).value()).has_value();
    };
    EXPECT_TRUE(parses([](Draft&) {}));
    EXPECT_FALSE(parses([](Draft& d) { d.header.version = 3; }));
    EXPECT_FALSE(parses([](Draft& d) { d.header.version = 6; }));
    EXPECT_FALSE(parses([](Draft& d) { d.header.key_type = 3; }));
    EXPECT_FALSE(parses([](Draft& d) { d.outer_type = 5; }));
    EXPECT_FALSE(parses([](Draft& d) { d.inner_type = 4; }));
    EXPECT_FALSE(parses([](Draft& d) { d.pck_chain.clear(); }));
    EXPECT_FALSE(parses([](Draft& d) { d.body_type = tdx::BodyType::kTd15; }));  // in version 4
    EXPECT_TRUE(parses([](Draft& d) { d.qe_auth_data.clear(); }));
    EXPECT_FALSE(parses([](Draft& d) {
        d.header.version = 5;
        d.body_type = static_cast<tdx::BodyType>(1);
    }));
}

TEST(PckExtension, ReadsWhatItWrites) {
    crypto::SystemRandom random;
    tdx::PckPlatform platform = PlatformSpec::good(random, kNow).platform;
    platform.component_svn = {0, 1, 127, 128, 255};
    platform.pce_svn = 0xfffe;
    for (bool platform_ca : {true, false}) {
        if (!platform_ca) platform.platform_instance_id.reset(), platform.configuration.reset();
        const auto read = tdx::parse_pck_extension(write_pck_extension(platform));
        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_EQ(read->ppid, platform.ppid);
        EXPECT_EQ(read->component_svn, platform.component_svn);
        EXPECT_EQ(read->pce_svn, platform.pce_svn);
        EXPECT_EQ(read->cpu_svn, platform.cpu_svn);
        EXPECT_EQ(read->pce_id, platform.pce_id);
        EXPECT_EQ(read->fmspc, platform.fmspc);
        EXPECT_EQ(read->sgx_type, platform.sgx_type);
        EXPECT_EQ(read->platform_instance_id, platform.platform_instance_id);
        EXPECT_EQ(read->configuration.has_value(), platform_ca);
    }
}

TEST(PckExtension, RefusesMembersMissingTwiceOrOutOfRange) {
    using wire::Der;
    const auto octets = [](std::uint8_t arc, std::size_t size) {
        return der_oid_pair({arc}, der(Der::kOctetString, Bytes(size)));
    };
    const auto number = [](std::uint8_t arc, Bytes value) { return der_oid_pair({2, arc}, der(Der::kInteger, value)); };
    const auto tcb = [&](std::uint8_t skip, const Bytes& more) {
        Bytes list;
        for (std::uint8_t i = 1; i <= 17; ++i)
            if (i != skip) list.append(number(i, {1}));
        if (skip != 18) list.append(der_oid_pair({2, 18}, der(Der::kOctetString, Bytes(16))));
        list.append(more);
        return der_oid_pair({2}, der(Der::kSequence, list));
    };
    const Bytes type = der_oid_pair({5}, der(Der::kEnumerated, Bytes{1}));
    const auto parses = [&](std::initializer_list<Bytes> members) {
        Bytes list;
        for (const Bytes& member : members) list.append(member);
        const auto read = tdx::parse_pck_extension(der(Der::kSequence, list));
        return read.has_value() || read.error() != tdx::kBadPck;
    };
    EXPECT_TRUE(parses({octets(1, 16), tcb(0, {}), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({tcb(0, {}), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), octets(1, 16), tcb(0, {}), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 15), tcb(0, {}), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), tcb(0, {}), octets(3, 2), octets(4, 7), type}));
    EXPECT_FALSE(parses({octets(1, 16), tcb(0, {}), octets(3, 2), octets(4, 6), type, octets(8, 1)}));
    EXPECT_FALSE(parses(
        {octets(1, 16), tcb(0, {}), octets(3, 2), octets(4, 6), der_oid_pair({5}, der(Der::kEnumerated, Bytes{3}))}));
    for (std::uint8_t skip = 1; skip <= 18; ++skip)
        EXPECT_FALSE(parses({octets(1, 16), tcb(skip, {}), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), tcb(0, number(3, {1})), octets(3, 2), octets(4, 6), type}));
    EXPECT_TRUE(parses({octets(1, 16), tcb(3, number(3, {0, 0xff})), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), tcb(3, number(3, {1, 0})), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), tcb(3, number(3, {0xff})), octets(3, 2), octets(4, 6), type}));
    EXPECT_FALSE(parses({octets(1, 16), tcb(17, number(17, {1, 0, 0})), octets(3, 2), octets(4, 6), type}));
}

TEST(PckChain, HasOneWriting) {
    const Machine machine;
    const std::string good = machine.draft().pck_chain;
    const auto reads = [](const std::string& pem) { return tdx::parse_pck_chain(as_bytes(pem)).has_value(); };
    EXPECT_TRUE(reads(good));
    EXPECT_TRUE(reads(good + '\0'));
    const std::size_t second = good.find("-----BEGIN", 1);
    for (const std::string& other :
         {good + "\n", good + std::string(2, '\0'), "\n" + good, good.substr(0, second), good.substr(second),
          good + good.substr(0, second), good.substr(0, good.size() - 1),
          good.substr(0, second) + "\n" + good.substr(second)})
        EXPECT_FALSE(reads(other));
}

TEST(Authority, IsSharedByItsTwoTexts) {
    crypto::SystemRandom random;
    const auto root = RootAuthority::create(kNow).value();
    const auto key = root.key_pem();
    const auto again =
        key.with([&](ByteView pem) { return RootAuthority::from_pem(as_bytes(root.certificate_pem()), pem); });
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(again->certificate().der(), root.certificate().der());

    // Two platforms of one root: different machines, and one root vouches for both.
    const auto one = Platform::from_root(root, random, kNow).value();
    const auto two = Platform::from_root(*again, random, kNow).value();
    tdx::Anchors anchors;
    anchors.simulated = {root.certificate()};
    ByteArray<16> ppid[2];
    const Platform* platforms[] = {&one, &two};
    for (std::size_t i = 0; i < 2; ++i) {
        Verdict verdict;
        const auto quote = tdx::verify_quote(platforms[i]->quote(Platform::report(ByteArray<64>{})).value(), anchors,
                                             tdx::SignedCollateral(), tdx::Rules(), kNow, verdict);
        ASSERT_TRUE(quote);
        ppid[i] = (*quote)->platform.ppid;
    }
    EXPECT_NE(ppid[0], ppid[1]);

    const auto other = RootAuthority::create(kNow).value();
    EXPECT_EQ(other.key_pem()
                  .with([&](ByteView pem) { return RootAuthority::from_pem(as_bytes(root.certificate_pem()), pem); })
                  .error(),
              kBadAuthority);
}

}  // namespace
}  // namespace openpcc::simulated
