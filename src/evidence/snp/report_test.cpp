// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/report.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "evidence/snp/certificate.hpp"
#include "evidence/snp/signed_collateral.hpp"

namespace openpcc::snp {
namespace {

Bytes blank(std::uint8_t version) {
    Bytes out(kReportSize);
    out[0] = version;
    return out;
}

// Every byte of the signed part is another number, so that a field read from elsewhere shows.
Bytes numbered() {
    Bytes out = blank(5);
    for (std::size_t i = 4; i < kSignedSize; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return out;
}

TEST(SnpReport, RefusesEveryOtherLength) {
    const Bytes whole = blank(5);
    ASSERT_TRUE(Report::parse(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(Report::parse(whole.view().first(size)).error(), kMalformed) << size;
    for (std::size_t more : {1UL, 2UL, 16UL, 1184UL}) {
        Bytes longer = whole;
        longer.resize(whole.size() + more);
        EXPECT_EQ(Report::parse(longer).error(), kMalformed) << more;
    }
}

TEST(SnpReport, KnowsVersions2To5Only) {
    for (unsigned version = 0; version < 256; ++version)
        EXPECT_EQ(Report::parse(blank(static_cast<std::uint8_t>(version))).has_value(), version >= 2 && version <= 5);
    for (std::size_t i = 1; i < 4; ++i) {
        Bytes bytes = blank(5);
        bytes[i] = 1;
        EXPECT_EQ(Report::parse(bytes).error(), kMalformed);
    }
}

// Nothing signs what is behind the signed part, so that every byte there is either the signature or zero.
TEST(SnpReport, NothingIsFreeBehindTheSignedPart) {
    for (std::size_t i = kSignedSize; i < kReportSize; ++i) {
        Bytes bytes = blank(5);
        bytes[i] = 1;
        const bool number = i < kSignedSize + 48 || (i >= kSignedSize + 72 && i < kSignedSize + 120);
        EXPECT_EQ(Report::parse(bytes).has_value(), number) << i;
    }
}

template <class Field>
void expect_at(const Field& field, ByteView bytes, std::size_t offset) {
    EXPECT_TRUE(equal(ByteView(field), bytes.subspan(offset, Field::kSize))) << offset;
}

TEST(SnpReport, ReadsFieldsWhereTheSpecificationHasThem) {
    const Bytes bytes = numbered();
    const auto parsed = Report::parse(bytes);
    ASSERT_TRUE(parsed);
    const Report& report = parsed->claimed();
    const auto number = [&](std::size_t offset, std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[offset + i];
        return value;
    };
    EXPECT_EQ(report.guest_svn, number(0x004, 4));
    EXPECT_EQ(report.policy, number(0x008, 8));
    expect_at(report.family_id, bytes, 0x010);
    expect_at(report.image_id, bytes, 0x020);
    EXPECT_EQ(report.vmpl, number(0x030, 4));
    EXPECT_EQ(report.signature_algo, number(0x034, 4));
    expect_at(report.current_tcb, bytes, 0x038);
    EXPECT_EQ(report.platform_info, number(0x040, 8));
    EXPECT_EQ(report.key_info, number(0x048, 4));
    expect_at(report.reserved_4c, bytes, 0x04c);
    expect_at(report.report_data, bytes, 0x050);
    expect_at(report.measurement, bytes, 0x090);
    expect_at(report.host_data, bytes, 0x0c0);
    expect_at(report.id_key_digest, bytes, 0x0e0);
    expect_at(report.author_key_digest, bytes, 0x110);
    expect_at(report.report_id, bytes, 0x140);
    expect_at(report.report_id_ma, bytes, 0x160);
    expect_at(report.reported_tcb, bytes, 0x180);
    EXPECT_EQ(report.cpuid, (Cpuid{bytes[0x188], bytes[0x189], bytes[0x18a]}));
    expect_at(report.reserved_18b, bytes, 0x18b);
    expect_at(report.chip_id, bytes, 0x1a0);
    expect_at(report.committed_tcb, bytes, 0x1e0);
    EXPECT_EQ(report.current, (Firmware{bytes[0x1ea], bytes[0x1e9], bytes[0x1e8]}));
    EXPECT_EQ(report.reserved_1eb, bytes[0x1eb]);
    EXPECT_EQ(report.committed, (Firmware{bytes[0x1ee], bytes[0x1ed], bytes[0x1ec]}));
    EXPECT_EQ(report.reserved_1ef, bytes[0x1ef]);
    expect_at(report.launch_tcb, bytes, 0x1f0);
    EXPECT_EQ(report.launch_mitigations, number(0x1f8, 8));
    EXPECT_EQ(report.current_mitigations, number(0x200, 8));
    expect_at(report.reserved_208, bytes, 0x208);
    EXPECT_TRUE(equal(report.signed_part, bytes.view().first(kSignedSize)));
}

TEST(SnpReport, SignatureIsReversedToBigEndian) {
    Bytes bytes = blank(5);
    bytes[0x2a0] = 0x01;
    bytes[0x2a0 + 47] = 0x02;
    bytes[0x2e8] = 0x03;
    bytes[0x2e8 + 47] = 0x04;
    const Bytes signature = big_endian_signature(Report::parse(bytes)->claimed());
    ASSERT_EQ(signature.size(), 96U);
    EXPECT_EQ(signature[0], 0x02);
    EXPECT_EQ(signature[47], 0x01);
    EXPECT_EQ(signature[48], 0x04);
    EXPECT_EQ(signature[95], 0x03);
}

TEST(SnpReport, ProductsAreNamedByCpuid) {
    const auto product = [](unsigned family, unsigned model) {
        return product_of({static_cast<std::uint8_t>(family), static_cast<std::uint8_t>(model), 1});
    };
    for (unsigned family = 0; family < 256; ++family) {
        for (unsigned model = 0; model < 256; ++model) {
            std::optional<Product> expected;
            if (family == 0x19 && model <= 0x0f) expected = Product::kMilan;
            if (family == 0x19 && (model >> 4 == 1 || model >> 4 == 0xa)) expected = Product::kGenoa;
            if (family == 0x1a && model <= 0x11) expected = Product::kTurin;
            EXPECT_EQ(product(family, model), expected) << family << " " << model;
        }
    }
}

// A verifier that reads Turin's TCB in the layout before it compares microcode with nothing.
TEST(SnpReport, TcbHasTheLayoutOfItsProduct) {
    const RawTcb raw{{1, 2, 3, 4, 5, 6, 7, 8}};
    for (Product product : {Product::kMilan, Product::kGenoa}) EXPECT_EQ(tcb_of(raw, product), (Tcb{0, 1, 2, 7, 8}));
    EXPECT_EQ(tcb_of(raw, Product::kTurin), (Tcb{1, 2, 3, 4, 8}));
    for (std::size_t i = 0; i < 8; ++i) {
        RawTcb one;
        one.bytes[i] = 1;
        EXPECT_EQ(tcb_reserved_zero(one, Product::kGenoa), i < 2 || i > 5) << i;
        EXPECT_EQ(tcb_reserved_zero(one, Product::kTurin), i < 4 || i > 6) << i;
    }
}

// Part by part: a high microcode does not make up for an old boot loader, as it does in a comparison of numbers.
TEST(SnpReport, TcbsAreComparedPartByPart) {
    const Tcb least{1, 2, 3, 4, 5};
    EXPECT_TRUE(covers(least, least));
    for (std::uint8_t Tcb::* part : {&Tcb::fmc, &Tcb::boot_loader, &Tcb::tee, &Tcb::snp, &Tcb::microcode}) {
        Tcb tcb{255, 255, 255, 255, 255};
        tcb.*part = static_cast<std::uint8_t>(least.*part - 1);
        EXPECT_FALSE(covers(tcb, least));
        EXPECT_TRUE(covers(Tcb{255, 255, 255, 255, 255}, tcb));
    }
}

// ZK-10: roots were in the code without a word of where they came from. Ours are three, and they are these bytes.
TEST(SnpRoots, ZK_10_AreThreeOfAmdsNames) {
    ASSERT_EQ(amd_roots().size(), 3U);
    EXPECT_EQ(product_of_ark(amd_roots()[0]), Product::kMilan);
    EXPECT_EQ(product_of_ark(amd_roots()[1]), Product::kGenoa);
    EXPECT_EQ(product_of_ark(amd_roots()[2]), Product::kTurin);
    for (const x509::Certificate& ark : amd_roots()) EXPECT_TRUE(signed_as_by_amd(ark.der()));
    // As in the comments beside them, and in AMD's own answers.
    EXPECT_EQ(to_hex(amd_roots()[0].fingerprint()), "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd");
    EXPECT_EQ(to_hex(amd_roots()[1].fingerprint()), "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1");
    EXPECT_EQ(to_hex(amd_roots()[2].fingerprint()), "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a");
}

TEST(SnpCollateral, WhatIsNoListOfAnArkIsKeptWithItsReason) {
    Anchors anchors;
    anchors.genuine = amd_roots();
    Collateral collateral;
    collateral.crls = {Bytes{}, Bytes{1, 2, 3}, Bytes(SignedCollateral::kLongestList + 1), amd_roots()[0].der()};
    const SignedCollateral judged(collateral, anchors);
    EXPECT_TRUE(judged.lists().empty());
    ASSERT_EQ(judged.refused().size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(judged.refused()[i].index, i);
        EXPECT_FALSE(judged.refused()[i].why.empty());
    }
    collateral.crls.assign(SignedCollateral::kMostLists + 1, Bytes{});
    EXPECT_EQ(SignedCollateral(collateral, anchors).refused().front().why,
              "snp.bad_certificate: more than 256 revocation lists");
}

}  // namespace
}  // namespace openpcc::snp
