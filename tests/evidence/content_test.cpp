// SPDX-License-Identifier: Apache-2.0
#include "evidence/content.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "crypto/signature.hpp"
#include "evidence/eventlog/log.hpp"
#include "evidence/snp/report.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/quote.hpp"

namespace openpcc::collected {
namespace {

Bytes quote_of_version(std::uint8_t version) {
    Bytes out(1024);
    out[0] = version;
    out[2] = 2;
    out[4] = 0x81;
    for (std::size_t i = 0; i < 16; ++i) out[12 + i] = tdx::kIntelQeVendor.bytes[i];
    const std::size_t body = version == 5 ? 54 + 584 : 632;
    if (version == 5) {
        out[50] = 584 & 0xff;
        out[51] = 584 >> 8;
    }
    out[body] = 100;
    return out;
}

Bytes report() {
    Bytes out(snp::kReportSize);
    out[0] = 3;
    out[0x34] = 1;
    return out;
}

x509::Certificate certificate(std::vector<x509::CertificateSpec::Extension> extensions) {
    const auto key = crypto::SigningKey::generate_p256();
    const x509::CertificateSpec spec{.common_name = "A",
                                     .not_before = parse_rfc3339("2026-01-01T00:00:00Z").value(),
                                     .not_after = parse_rfc3339("2027-01-01T00:00:00Z").value(),
                                     .extensions = std::move(extensions)};
    return x509::make_certificate(spec, key.verifying_key(), nullptr, key).value();
}

Content content_of_text(std::string_view text) { return content_of(as_bytes(text)); }

TEST(Content, AQuoteIsOneInEveryWriting) {
    const Bytes quote = quote_of_version(4);
    std::string list = "[";
    for (const std::uint8_t byte : quote) list += (list.size() > 1 ? "," : "") + std::to_string(byte);
    for (const std::string& text :
         {to_string(quote), to_hex(quote) + "\n", "0x" + to_hex(quote), to_base64(quote), list + "]",
          "{\"any\":\"" + to_hex(quote) + "\"}", "{\"a\":{\"b\":\"" + to_base64(quote) + "\"}}"}) {
        const Content content = content_of_text(text);
        ASSERT_EQ(content.quotes.size(), 1U) << text.substr(0, 40);
        EXPECT_EQ(content.quotes[0], quote);
    }
    EXPECT_EQ(content_of(quote_of_version(3)).quotes.size(), 1U) << "SGX's is a quote too: it is for judges to refuse";
    EXPECT_TRUE(content_of(quote_of_version(6)).empty());
}

TEST(Content, AQuoteInACertificate) {
    const Bytes quote = quote_of_version(5);
    Bytes wrapped{0x04, 0x82, 0x04, 0x00};
    wrapped.append(quote);
    const auto leaf = certificate({{std::string(kQuoteExtension), wrapped}});
    for (const Content& content : {content_of(leaf.der()), content_of_text(tdx::to_pem(leaf))}) {
        ASSERT_EQ(content.quotes.size(), 1U);
        EXPECT_EQ(content.quotes[0], quote);
        EXPECT_EQ(content.certificates.size(), 1U);
    }
}

TEST(Content, SizesThatQuotesSay) {
    EXPECT_EQ(quote_size(quote_of_version(4)), 632U + 4 + 100);
    EXPECT_EQ(quote_size(quote_of_version(5)), 54U + 584 + 4 + 100);
    Bytes lying = quote_of_version(4);
    lying[635] = 0xff;
    EXPECT_EQ(quote_size(lying), 0U);
    EXPECT_EQ(quote_size({}), 0U);
}

TEST(Content, Reports) {
    EXPECT_EQ(content_of(report()).reports.size(), 1U);
    EXPECT_EQ(content_of_text("{\"evidence\":\"" + to_base64(report()) + "\"}").reports.size(), 1U);
    // With a table of certificates behind it, and with something else: then it has a wrong length.
    const Bytes der = certificate({}).der();
    Bytes table(48);
    table[0] = 0x63;
    table[16] = 48;
    table[20] = static_cast<std::uint8_t>(der.size());
    table[21] = static_cast<std::uint8_t>(der.size() >> 8);
    const Content extended = content_of(concat(report(), table, der));
    ASSERT_EQ(extended.reports.size(), 1U);
    EXPECT_EQ(extended.reports[0], report());
    EXPECT_EQ(extended.certificates.size(), 1U);
    EXPECT_EQ(content_of(concat(report(), Bytes(8))).reports.at(0).size(), snp::kReportSize + 8);
}

TEST(Content, BuriedEvidenceIsFoundOnlyWhenAskedFor) {
    const Bytes container = concat(Bytes{0x0a, 0x0b}, report(), Bytes{1, 2, 3});
    EXPECT_TRUE(content_of(container).empty());
    EXPECT_EQ(buried_in(container).reports.size(), 1U);
    EXPECT_EQ(buried_in(concat(Bytes{7}, quote_of_version(4))).quotes.at(0).size(), 736U);
}

TEST(Content, SignedAnswersKeepTheirBytes) {
    const std::string object = R"({"id": "TDX", "text":"a } \" b"})";
    const std::string hex(128, 'a');
    const Content whole = content_of_text("{\"tcbInfo\":" + object + ",\"signature\":\"" + hex + "\"}");
    ASSERT_EQ(whole.bodies.size(), 1U);
    EXPECT_EQ(to_string(whole.bodies[0].object), object);
    EXPECT_EQ(whole.bodies[0].signature.size(), 64U);
    const Content split = content_of_text(R"({"qe_identity":"{\"id\": 1}","qe_identity_signature":")" + hex +
                                          R"(","tcb_info":"{}","tcb_info_signature":"x"})");
    ASSERT_EQ(split.bodies.size(), 2U);
    EXPECT_EQ(split.bodies[0].member, "enclaveIdentity");
    EXPECT_EQ(to_string(split.bodies[0].object), R"({"id": 1})");
    EXPECT_TRUE(split.bodies[1].signature.empty());
}

TEST(Content, LogsAsJsonAndRegisters) {
    const std::string digest(96, 'b');
    const std::string list = R"([{"imr":3,"event_type":134217729,"digest":")" + digest +
                             R"(","event":"compose-hash","event_payload":"0102"}])";
    const Content content = content_of_text(list);
    ASSERT_EQ(content.logs.size(), 1U);
    const auto log = eventlog::Log::parse(content.logs[0]);
    ASSERT_TRUE(log);
    ASSERT_EQ(log->events().size(), 1U);
    EXPECT_EQ(log->events()[0].index, 4U);
    EXPECT_EQ(to_string(log->data(log->events()[0])), "compose-hash:\x01\x02");

    const Content oracle = content_of_text(R"({"sha256":{"0":"aa","14":"bb"},"sha1":{"0":"cc"}})");
    ASSERT_TRUE(oracle.oracle);
    EXPECT_EQ(oracle.oracle->at("sha256").at(14), Bytes({0xbb}));
    EXPECT_FALSE(content_of_text(R"({"sha256":{"zero":"aa"}})").oracle);
}

TEST(Content, WhatIsNothingStaysNothing) {
    for (const std::string_view text :
         {"", "plain words", "{", "[1,2,300]", "{\"a\":1}",
          "CCEL but far too long to be a table, which "
          "is no more than a few numbers and some text, and ends before this sentence does, and this one"})
        EXPECT_TRUE(content_of_text(text).empty()) << text;
    EXPECT_TRUE(content_of_text("CCEL\x38").acpi_table);
}

}  // namespace
}  // namespace openpcc::collected
