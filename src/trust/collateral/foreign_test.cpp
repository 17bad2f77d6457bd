// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/foreign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trust/collateral/items.hpp"
#include "trust/collateral/testing.hpp"

namespace openpcc::collateral {
namespace {

using testing::day;
using ::testing::HasSubstr;
using testing::Vendor;

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text)
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out += c;
        else
            out += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
    return out;
}

std::string json_text(std::string_view text) { return json::Value::string(text).to_text(); }

struct Foreign : ::testing::Test {
    Vendor vendor;
    std::string tcb = vendor.tcb_info("00806F050000", day(1));
    std::string identity = vendor.identity(day(2));
    std::string chain = to_string(vendor.chain());
    Bytes list = vendor.crl(day(3));

    static Packed pack(const std::vector<std::string>& inputs) {
        Packer packer;
        for (std::size_t i = 0; i < inputs.size(); ++i) packer.add("input " + std::to_string(i), as_bytes(inputs[i]));
        return std::move(packer).finish();
    }
    // The only remark, for an input of which nothing was taken.
    static std::string refused(const std::string& input) {
        const Packed packed = pack({input});
        EXPECT_EQ(packed.collection, Collection{}) << input;
        if (packed.remarks.size() != 1) return std::to_string(packed.remarks.size()) + " remarks";
        return (packed.remarks[0].kind == Remark::Kind::kUnknown ? "unknown: " : "left out: ") + packed.remarks[0].text;
    }
    std::string with_head(std::string_view field, std::string_view value, std::string_view content) const {
        return "HTTP/1.1 200 OK\r\nContent-Type: x\r\n" + std::string(field) + ": " + percent_encoded(value) +
               "\r\n\r\n" + std::string(content);
    }
    Collection everything() const {
        return {day(3), {{{to_bytes(tcb), vendor.chain()}}, {{to_bytes(identity), vendor.chain()}}, {list}}, {}};
    }
};

TEST_F(Foreign, SplitCachesGiveTheBytesBackThatWereSigned) {
    const std::string object = Vendor::tcb_object("00806F050000", day(1));
    const std::string id = Vendor::identity_object(day(2));
    const std::string signature = vendor.sign(object);
    const std::string id_signature = vendor.sign(id);
    const Bytes crl = vendor.crl(day(3));
    const std::string cache = R"({"pck_crl_issuer_chain":)" + json_text(chain) + R"(,"root_ca_crl":)" +
                              json_text(to_hex(crl)) + R"(,"pck_crl":)" + json_text(to_base64(crl)) +
                              R"(,"tcb_info_issuer_chain":)" + json_text(chain) + R"(,"tcb_info":)" +
                              json_text(object) + R"(,"tcb_info_signature":")" + signature +
                              R"(","qe_identity_issuer_chain":)" + json_text(chain) + R"(,"qe_identity":)" +
                              json_text(id) + R"(,"qe_identity_signature":")" + id_signature + "\"}";
    const Packed packed = pack({cache});
    EXPECT_TRUE(packed.remarks.empty()) << packed.remarks[0].text;
    EXPECT_EQ(packed.collection.fetched, day(3));
    EXPECT_EQ(packed.collection.tdx.crls, std::vector<Bytes>{crl});
    ASSERT_EQ(packed.collection.tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(to_string(packed.collection.tdx.tcb_infos[0].json),
              R"({"tcbInfo":)" + object + R"(,"signature":")" + signature + "\"}");
    EXPECT_EQ(packed.collection.tdx.tcb_infos[0].issuer_chain, vendor.chain());
    ASSERT_EQ(packed.collection.tdx.qe_identities.size(), 1U);
    EXPECT_EQ(to_string(packed.collection.tdx.qe_identities[0].json),
              R"({"enclaveIdentity":)" + id + R"(,"signature":")" + id_signature + "\"}");
}

TEST_F(Foreign, ReadsAnswersWithTheirHead) {
    const Bytes crl = vendor.crl(day(3));
    const Packed packed = pack({with_head("TCB-Info-Issuer-Chain", chain, tcb),
                                with_head("SGX-Enclave-Identity-Issuer-Chain", chain, identity),
                                with_head("SGX-PCK-CRL-Issuer-Chain", chain, to_string(crl))});
    EXPECT_TRUE(packed.remarks.empty());
    EXPECT_EQ(packed.collection.tdx.tcb_infos, (std::vector<tdx::SignedJson>{{to_bytes(tcb), vendor.chain()}}));
    EXPECT_EQ(packed.collection.tdx.qe_identities,
              (std::vector<tdx::SignedJson>{{to_bytes(identity), vendor.chain()}}));
    EXPECT_EQ(packed.collection.tdx.crls, std::vector<Bytes>{crl});
    EXPECT_THAT(refused("HTTP/1.1 404 Not Found\r\n\r\n" + tcb), HasSubstr("other than 200"));
    EXPECT_THAT(refused("HTTP/1.1 200 OK\r\nA: b"), HasSubstr("without a proper head"));
    EXPECT_THAT(refused(with_head("TCB-Info-Issuer-Chain", "-----BEGIN%", tcb)), HasSubstr("cannot be read"));
    EXPECT_THAT(refused("HTTP/1.1 200 OK\r\nA-Issuer-Chain: 1\r\nB-issuer-chain: 2\r\n\r\n" + tcb),
                HasSubstr("two issuer chains"));
}

TEST_F(Foreign, ReadsWrappers) {
    const std::string crl = "-----BEGIN X509 CRL-----\n" + to_base64(vendor.crl(day(3))) + "\n-----END X509 CRL-----\n";
    const Packed packed =
        pack({R"({"issuer_chain":)" + json_text(chain) + R"(,"tcb_info_json":)" + json_text(tcb) + "}",
              R"({"enclave_identity_json":)" + json_text(identity) + R"(,"issuer_chain":)" + json_text(chain) + "}",
              R"({"crl_data":)" + json_text(crl) + R"(,"issuer_chain":)" + json_text(chain) + "}"});
    EXPECT_TRUE(packed.remarks.empty());
    EXPECT_EQ(packed.collection.tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(packed.collection.tdx.qe_identities.size(), 1U);
    EXPECT_EQ(packed.collection.tdx.crls.size(), 1U);
}

TEST_F(Foreign, CompletesAnswersThatLackAChain) {
    const Packed alone = pack({tcb});
    ASSERT_EQ(alone.remarks.size(), 1U);
    EXPECT_EQ(alone.remarks[0].kind, Remark::Kind::kUnknown);
    EXPECT_THAT(alone.remarks[0].text, HasSubstr("without its issuer chain"));

    // In any order, from PEM or DER; a stranger's certificates do not fit.
    const Vendor stranger;
    const std::string theirs = to_string(stranger.chain());
    const Packed packed = pack({theirs, tcb, to_string(vendor.root.der()), to_string(vendor.signing.der())});
    EXPECT_EQ(packed.collection.tdx.tcb_infos, (std::vector<tdx::SignedJson>{{to_bytes(tcb), vendor.chain()}}));
    for (const Remark& remark : packed.remarks) EXPECT_EQ(remark.kind, Remark::Kind::kLeftOut) << remark.text;
    EXPECT_EQ(pack({tcb, to_string(stranger.chain())}).collection, Collection{});

    // Two certificates for one key: the later one of those that were in force.
    const auto again = [&](int from, int to) {
        return x509::make_certificate(
                   {.common_name = "Test TCB Signing", .not_before = day(from), .not_after = day(to)},
                   vendor.key.verifying_key(), &vendor.root, vendor.root_key)
            .value();
    };
    const auto fits = again(-10, 10);
    const Packed two = pack({to_string(again(5, 900).der()), to_string(fits.der()), chain, tcb});
    ASSERT_EQ(two.collection.tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(two.collection.tdx.tcb_infos[0].issuer_chain, pem_of({fits, vendor.root}));
}

TEST_F(Foreign, PutsRevocationListsWhereTheyBelong) {
    const Vendor amd("ARK-Genoa");
    const Vendor other("Somebody");
    const Bytes theirs = amd.crl(day(1));
    const Packed packed = pack({to_string(theirs), to_string(list)});
    EXPECT_EQ(packed.collection.snp.crls, std::vector<Bytes>{theirs});
    EXPECT_EQ(packed.collection.tdx.crls, std::vector<Bytes>{list});
    EXPECT_EQ(refused(to_string(other.crl(day(1)))), "unknown: a revocation list of an issuer that nobody knows");
}

TEST_F(Foreign, JoinsFilesOfOurs) {
    const std::string ours = everything().to_json().value();
    EXPECT_EQ(pack({ours, ours, tcb}).collection, everything());
    EXPECT_THAT(refused(ours + " "), HasSubstr("collateral.malformed"));
}

TEST_F(Foreign, NamesEverythingThatItDoesNotTake) {
    EXPECT_EQ(refused(""), "unknown: none of the known forms");
    EXPECT_EQ(refused("a quote"), "unknown: none of the known forms");
    EXPECT_EQ(refused("{"), "unknown: not strict JSON");
    EXPECT_EQ(refused("{}"), "unknown: JSON that is no collateral");
    EXPECT_EQ(refused(R"({"quote":"00"})"), "unknown: JSON that is no collateral");
    EXPECT_EQ(refused(R"({"root_ca_crl":1})"), "unknown: member root_ca_crl is no string");
    EXPECT_EQ(refused(std::string(kMaxForeign + 1, '{')), "unknown: longer than 1 MiB");
    EXPECT_THAT(refused(R"({"tcbEvaluationDataNumbers":{},"signature":""})"),
                HasSubstr("left out: a list of evaluation numbers"));
    EXPECT_THAT(refused(vendor.answer("tcbInfo", Vendor::tcb_object("00806F050000", day(1), 17, "SGX"))),
                HasSubstr("left out: collateral of SGX"));
    EXPECT_THAT(refused(vendor.answer("enclaveIdentity", Vendor::identity_object(day(1), "QVE"))),
                HasSubstr("left out: collateral of SGX"));
    EXPECT_THAT(refused(R"({"tcbInfo":{},"signature":"00"})"), HasSubstr("unknown: not an answer of Intel's service"));
    const Packed more = pack({R"({"news":1,"root_ca_crl":")" + to_hex(vendor.crl(day(1))) + "\"}"});
    EXPECT_EQ(more.collection.tdx.crls.size(), 1U);
    ASSERT_EQ(more.remarks.size(), 1U);
    EXPECT_EQ(more.remarks[0].kind, Remark::Kind::kUnknown);
}

TEST_F(Foreign, PercentEncodingIsStrict) {
    EXPECT_EQ(percent_decoded("a%20b%0A+"), "a b\n+");
    for (std::string_view bad : {"%", "%2", "%2x", "%%"}) EXPECT_FALSE(percent_decoded(bad)) << bad;
}

}  // namespace
}  // namespace openpcc::collateral
