// SPDX-License-Identifier: Apache-2.0
// What is read of a certificate's DER, and what is refused as another writing of it.
#include "crypto/x509/parts.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "crypto/errors.hpp"
#include "crypto/keys.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {
namespace {

using crypto::SigningKey;

Bytes element(std::uint8_t tag, ByteView content) {
    Bytes out{tag};
    if (content.size() > 0xff) {
        out.append(Bytes{0x82, static_cast<std::uint8_t>(content.size() >> 8)});
    } else if (content.size() > 0x7f) {
        out.push_back(0x81);
    }
    out.push_back(static_cast<std::uint8_t>(content.size()));
    out.append(content);
    return out;
}

// The members of a certificate, each of which a test can replace.
struct Written {
    Bytes version = *from_hex("a003020102");
    Bytes serial = *from_hex("020101");
    Bytes algorithm = *from_hex("300a06082a8648ce3d040302");
    Bytes issuer = *from_hex("300c310a300806035504030c0149");
    Bytes validity =
        element(0x30, concat(element(0x17, as_bytes("260102030405Z")), element(0x18, as_bytes("20510102030405Z"))));
    Bytes subject = *from_hex("300c310a300806035504030c0153");
    Bytes spki = SigningKey::generate_p256().verifying_key().spki();
    Bytes behind;  // unique ids and extensions
    Bytes outside = algorithm;
    Bytes signature = *from_hex("03020001");

    Bytes der() const {
        const Bytes tbs = element(0x30, concat(version, serial, algorithm, issuer, validity, subject, spki, behind));
        return element(0x30, concat(tbs, outside, signature));
    }
    bool readable() const {
        const Bytes bytes = der();
        const auto parts = read_parts(bytes);
        EXPECT_EQ(ERR_peek_error(), 0U);
        EXPECT_EQ(Certificate::parse_der(bytes).has_value(), parts.has_value());
        return parts.has_value();
    }
};

Bytes extensions(std::initializer_list<std::string_view> hex) {
    Bytes list;
    for (std::string_view one : hex) list.append(element(0x30, *from_hex(one)));
    return element(0xa3, element(0x30, list));
}

template <class Member>
bool with(Member Written::* member, std::string_view hex) {
    Written written;
    written.*member = *from_hex(hex);
    if (member == &Written::algorithm) written.outside = written.algorithm;
    return written.readable();
}

TEST(Parts, AreWhatWasWritten) {
    Written written;
    written.behind =
        extensions({"0603551d130101ff0408300601"
                    "01ff020103",
                    "0603551d0f0404030201"
                    "06",
                    "0603551d0e0404"
                    "0402aabb",
                    "0603551d23040630048002ccdd"});
    const Bytes der = written.der();
    const auto parts = read_parts(der);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->issuer.common_name, "I");
    EXPECT_EQ(parts->subject.common_name, "S");
    EXPECT_EQ(to_rfc3339(parts->not_before), "2026-01-02T03:04:05Z");
    EXPECT_EQ(to_rfc3339(parts->not_after), "2051-01-02T03:04:05Z");
    EXPECT_TRUE(equal(parts->spki, written.spki));
    EXPECT_TRUE(equal(parts->algorithm, written.algorithm));
    EXPECT_TRUE(equal(parts->signature, Bytes{0x01}));
    EXPECT_TRUE(parts->version_3 && parts->is_ca && parts->may_sign_certificates() && parts->may_sign_lists());
    EXPECT_EQ(parts->path_length, 3U);
    EXPECT_TRUE(equal(*parts->subject_key_id, Bytes{0xaa, 0xbb}));
    EXPECT_TRUE(equal(*parts->authority_key_id, Bytes{0xcc, 0xdd}));
    EXPECT_TRUE(parts->extensions[0].critical && !parts->extensions[1].critical);
}

TEST(Parts, VersionsAndSerialNumbers) {
    EXPECT_TRUE(Written().readable());
    EXPECT_TRUE(with(&Written::version, ""));
    EXPECT_TRUE(with(&Written::version, "a003020101"));
    for (std::string_view bad : {"a003020100", "a003020103", "a0030201ff", "a00402020002", "a000", "a006020102020102"})
        EXPECT_FALSE(with(&Written::version, bad)) << bad;
    for (std::string_view bad : {"0200", "02020001", "0202ff80", "0301ff"})
        EXPECT_FALSE(with(&Written::serial, bad)) << bad;
    const auto serial = [](std::string_view hex) {
        Written written;
        written.serial = *from_hex(hex);
        return to_hex(Certificate::parse_der(written.der())->serial());
    };
    EXPECT_EQ(serial("020100"), "00");
    EXPECT_EQ(serial("02020080"), "80");
    EXPECT_EQ(serial("0201ff"), "01");  // some devices write negative ones; their sign is not shown
    EXPECT_EQ(serial("0202ff00"), "0100");
}

// A verifier of Nitro documents normalised days that do not exist, and took any octet for true.
TEST(Parts, NitroValidator_TimesAreThoseOfRfc5280) {
    const auto readable = [](std::uint8_t tag, std::string_view text) {
        Written written;
        written.validity =
            element(0x30, concat(element(tag, as_bytes(text)), element(0x18, as_bytes("99991231235959Z"))));
        return written.readable();
    };
    EXPECT_TRUE(readable(0x17, "500101000000Z"));
    EXPECT_TRUE(readable(0x18, "20240229235959Z"));
    for (std::string_view bad :
         {"", "Z", "2601020304Z", "260102030405", "260102030405+0000", "261302030405Z", "260230030405Z",
          "260102240405Z", "260102036005Z", "260102030460Z", "26010203040 Z", "260102030405z"})
        EXPECT_FALSE(readable(0x17, bad)) << bad;
    for (std::string_view bad : {"260102030405Z", "20260102030405.5Z", "20230229000000Z", "-0260102030405Z"})
        EXPECT_FALSE(readable(0x18, bad)) << bad;
    EXPECT_FALSE(readable(0x0c, "260102030405Z"));
}

TEST(Parts, NamesAreListsOfSets) {
    for (std::string_view bad : {"310a300806035504030c0149", "3002310 0", "3004310230 00", "300a300806035504030c0149",
                                 "300d310b300906035504030c01490500", "30810c310a300806035504030c0149"}) {
        std::string hex(bad);
        std::erase(hex, ' ');
        EXPECT_FALSE(with(&Written::issuer, hex)) << hex;
    }
    EXPECT_TRUE(with(&Written::issuer, "3000"));
    const auto name = [](std::string_view hex) {
        Written written;
        written.subject = *from_hex(hex);
        return Certificate::parse_der(written.der())->subject_common_name();
    };
    EXPECT_EQ(name("3000"), "");
    EXPECT_EQ(name("3018310a300806035504030c0141310a300806035504030c0142"), "B");  // the last one
    EXPECT_EQ(name("300d310b300906035504031e0200e9"), "\xc3\xa9");                 // BMPString
    EXPECT_EQ(name("300d310b300906035504030c02c3a9"), "\xc3\xa9");
}

TEST(Parts, SignaturesAreWholeAndOfOneAlgorithm) {
    Written other;
    other.outside = *from_hex("300a06082a8648ce3d040303");
    EXPECT_FALSE(other.readable());
    for (std::string_view bad : {"0300", "0400", "03020101", "0302000100"})
        EXPECT_FALSE(with(&Written::signature, bad)) << bad;
}

TEST(Parts, NitroValidator_BooleansAreCanonical) {
    const auto readable = [](std::string_view hex) {
        Written written;
        written.behind = extensions({hex});
        return written.readable();
    };
    EXPECT_TRUE(readable("06032a03040101ff04020500"));
    for (std::string_view bad : {"06032a030401010104020500", "06032a03040101fe04020500", "06032a0304010004020500",
                                 "06032a03040102ffff04020500",
                                 "0603551d130405300301"
                                 "0101"})
        EXPECT_FALSE(readable(bad)) << bad;
}

TEST(Parts, ExtensionsAreWellFormedAndOnce) {
    const auto readable = [](std::initializer_list<std::string_view> hex) {
        Written written;
        written.behind = extensions(hex);
        return written.readable();
    };
    EXPECT_TRUE(readable({"06032a030404020500"}));
    EXPECT_TRUE(readable({"06032a03040101ff04020500", "06032a030504020500"}));
    EXPECT_FALSE(readable({"06032a030404020500", "06032a030404020500"}));
    EXPECT_FALSE(readable({}));
    for (std::string_view bad : {"06032a0304",
                                 "06032a03040101010402"
                                 "0500",
                                 "06032a0304040205000500", "06032a03040c020500",
                                 // basicConstraints: a path length of no CA, negative, and twice
                                 "0603551d13040530030201"
                                 "01",
                                 "0603551d1304083006"
                                 "0101ff0201ff",
                                 "0603551d13040b30090101ff020101020101",
                                 // keyUsage and key identifiers of other types
                                 "0603551d0f0403030106",
                                 "0603551d0f0404030208"
                                 "06",
                                 "0603551d0f04020500", "0603551d0e04020500", "0603551d2304020500"})
        EXPECT_FALSE(readable({bad})) << bad;
    // Extensions are of version 3.
    Written old;
    old.version = {};
    old.behind = extensions({"06032a030404020500"});
    EXPECT_FALSE(old.readable());
    EXPECT_FALSE(with(&Written::behind,
                      "a302"
                      "3000"));
    EXPECT_FALSE(with(&Written::behind, "0500"));
    EXPECT_TRUE(with(&Written::behind, "8102000182020001"));
    EXPECT_FALSE(with(&Written::behind, "8202000181020001"));
}

TEST(Parts, NamesThatDifferInWritingAreOneName) {
    const Bytes utf8 = *from_hex("300c310a300806035504030c0149");
    EXPECT_TRUE(same_name(utf8, utf8));
    EXPECT_TRUE(same_name(utf8, *from_hex("300c310a3008060355040313"
                                          "0169")));  // PrintableString, lower case
    EXPECT_FALSE(same_name(utf8, *from_hex("300c310a300806035504030c014a")));
    EXPECT_FALSE(same_name(utf8, Bytes{}));
}

// The quick comparison finds differences alone, and only those that OpenSSL's canonical form has too.
TEST(Parts, NamesAreComparedAsOpenSslComparesThem) {
    const auto attribute = [](std::uint8_t oid, std::uint8_t tag, std::string_view text) {
        return element(0x30, concat(Bytes{0x06, 0x03, 0x55, 0x04, oid}, element(tag, as_bytes(text))));
    };
    std::vector<Bytes> sets = {element(0x31, {})};
    for (const std::uint8_t tag : Bytes{0x0c, 0x13, 0x14, 0x16})
        for (std::string_view text : {"A b", "a  B ", " a\tb", "ab", "a b c", "", "\xc3\xa9", "\xe9", "[", "{"})
            sets.push_back(element(0x31, attribute(3, tag, text)));
    sets.push_back(element(0x31, attribute(10, 0x0c, "A b")));
    sets.push_back(element(0x31, concat(attribute(3, 0x0c, "a"), attribute(3, 0x0c, "B"))));
    sets.push_back(element(0x31, concat(attribute(3, 0x0c, "b"), attribute(3, 0x0c, "A"))));
    std::vector<Bytes> names = {element(0x30, {})};
    for (const Bytes& set : sets) {
        names.push_back(element(0x30, set));
        names.push_back(element(0x30, concat(sets[1], set)));
        names.push_back(element(0x30, concat(set, element(0x31, {}))));
    }
    const auto read = [](ByteView der) {
        const std::uint8_t* at = der.data();
        return std::unique_ptr<X509_NAME, crypto::Freed<X509_NAME_free>>(
            d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
    };
    const crypto::ErrorsLeftClean clean;
    int equal_ones = 0;
    for (const Bytes& a : names) {
        for (const Bytes& b : names) {
            if (a == b) continue;
            const auto left = read(a);
            const auto right = read(b);
            const bool same = left != nullptr && right != nullptr && X509_NAME_cmp(left.get(), right.get()) == 0;
            EXPECT_EQ(same_name(a, b), same) << to_hex(a) << " " << to_hex(b);
            equal_ones += same ? 1 : 0;
        }
    }
    EXPECT_GT(equal_ones, 100);
}

// Algorithms without a scheme of ours are left to OpenSSL, and weak ones to nobody.
TEST(Parts, OtherStrongAlgorithmsCountAndWeakOnesDoNot) {
    const TimePoint now = TimePoint(std::chrono::days(20'000));
    CertificateSpec spec;
    spec.common_name = "root";
    spec.not_before = now;
    spec.not_after = now + std::chrono::days(1);
    spec.is_ca = true;
    for (const SigningKey& key : [] {
             std::vector<SigningKey> keys;
             keys.push_back(SigningKey::generate_p256());
             keys.push_back(SigningKey::generate_rsa(2048));
             return keys;
         }()) {
        const auto root = make_certificate(spec, key.verifying_key(), nullptr, key).value();
        const auto leaf = make_certificate(spec, SigningKey::generate_p256().verifying_key(), &root, key).value();
        for (const auto& [digest, good] : {std::pair(EVP_sha512(), true), {EVP_sha384(), true}, {EVP_sha1(), false}}) {
            const Bytes der = leaf.der();
            const std::uint8_t* at = der.data();
            const X509Ptr again(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
            ASSERT_GT(X509_sign(again.get(), key.handle().key.get(), digest), 0);
            std::uint8_t* out = nullptr;
            const int size = i2d_X509(again.get(), &out);
            Bytes made(ByteView(out, static_cast<std::size_t>(size)));
            OPENSSL_free(out);
            EXPECT_EQ(verify_chain({Certificate::parse_der(made).value()}, {root}, now).has_value(), good);
            made[made.size() - 1] ^= 1;
            EXPECT_FALSE(verify_chain({Certificate::parse_der(made).value()}, {root}, now));
        }
    }
}

}  // namespace
}  // namespace openpcc::x509
