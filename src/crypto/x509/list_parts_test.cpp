// SPDX-License-Identifier: Apache-2.0
// What is read of a revocation list's DER, what is refused, and that OpenSSL reads the same.
#include "crypto/x509/list_parts.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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

Bytes utc(std::string_view text) { return element(0x17, as_bytes(text)); }
Bytes entry(std::string_view serial, ByteView behind = {}) {
    return element(0x30, concat(*from_hex(serial), utc("260102030405Z"), behind));
}

// The members of a list, each of which a test can replace.
struct Written {
    Bytes version = *from_hex("020101");
    Bytes algorithm = *from_hex("300a06082a8648ce3d040302");
    Bytes issuer = *from_hex("300c310a300806035504030c0149");
    Bytes this_update = utc("260102030405Z");
    Bytes next_update = element(0x18, as_bytes("20510102030405Z"));
    Bytes revoked;
    Bytes extensions;
    Bytes outside = algorithm;
    Bytes signature = *from_hex("03020001");
    Bytes behind;  // inside the outer SEQUENCE

    Bytes der() const {
        const Bytes tbs =
            element(0x30, concat(version, algorithm, issuer, this_update, next_update, revoked, extensions));
        return element(0x30, concat(tbs, outside, signature, behind));
    }
    bool readable() const {
        const Bytes bytes = der();
        const auto parts = read_list_parts(bytes);
        EXPECT_EQ(ERR_peek_error(), 0U);
        EXPECT_TRUE(parts || parts.error() == crypto::kBadCertificate);
        EXPECT_EQ(Crl::parse_der(bytes).has_value(), parts.has_value());
        return parts.has_value();
    }
};

bool with(Bytes Written::* member, ByteView bytes) {
    Written written;
    written.*member = Bytes(bytes);
    if (member == &Written::algorithm) written.outside = written.algorithm;
    return written.readable();
}
bool with(Bytes Written::* member, std::string_view hex) { return with(member, *from_hex(hex)); }

Bytes list_extensions(std::initializer_list<std::string_view> hex) {
    Bytes list;
    for (std::string_view one : hex) list.append(element(0x30, *from_hex(one)));
    return element(0xa0, element(0x30, list));
}

TEST(ListParts, AreWhatWasWritten) {
    Written written;
    const Bytes reason = *from_hex("300c300a0603551d1504030a0101");
    written.revoked = element(0x30, concat(entry("02020080"), entry("020105", reason), entry("020100")));
    written.extensions = list_extensions({"0603551d140403020107"});
    const Bytes der = written.der();
    const auto parts = read_list_parts(der);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->issuer.common_name, "I");
    EXPECT_TRUE(equal(parts->issuer.der, written.issuer));
    EXPECT_EQ(to_rfc3339(parts->this_update), "2026-01-02T03:04:05Z");
    EXPECT_EQ(to_rfc3339(parts->next_update.value()), "2051-01-02T03:04:05Z");
    EXPECT_TRUE(equal(parts->algorithm, written.algorithm));
    EXPECT_TRUE(equal(parts->signature, Bytes{0x01}));
    ASSERT_EQ(parts->serials.size(), 3U);
    EXPECT_TRUE(parts->lists(Bytes{0x00, 0x80}) && parts->lists(Bytes{0x05}) && parts->lists(Bytes{0x00}));
    EXPECT_FALSE(parts->lists(Bytes{0x80}) || parts->lists(Bytes{0x06}) || parts->lists(Bytes{}));
    EXPECT_EQ(Crl::parse_der(der)->revoked(), (std::vector<Bytes>{Bytes{}, Bytes{0x05}, Bytes{0x80}}));
    written.next_update = {};
    EXPECT_FALSE(Crl::parse_der(written.der())->next_update());
}

TEST(ListParts, EveryTruncationAndTrailingByteIsRefused) {
    Written written;
    written.revoked = element(0x30, entry("020105", *from_hex("300c300a0603551d1504030a0101")));
    written.extensions = list_extensions({"0603551d140403020107"});
    const Bytes good = written.der();
    ASSERT_TRUE(written.readable());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(read_list_parts(good.view().first(size))) << size;
    EXPECT_FALSE(read_list_parts(concat(good, Bytes{0x00})));
    EXPECT_FALSE(with(&Written::behind, "0500"));
    // Every member cut short inside a frame that is whole.
    for (auto member : {&Written::version, &Written::algorithm, &Written::issuer, &Written::this_update,
                        &Written::next_update, &Written::revoked, &Written::extensions, &Written::signature}) {
        for (std::size_t size = 0; size < (written.*member).size(); ++size) {
            Written cut = written;
            cut.*member = Bytes((written.*member).view().first(size));
            cut.outside = cut.algorithm;
            if (member == &Written::this_update) cut.next_update = {};  // or that is taken for this
            const bool optional =
                member == &Written::next_update || member == &Written::revoked || member == &Written::extensions;
            EXPECT_EQ(cut.readable(), size == 0 && optional) << size;
        }
    }
}

TEST(ListParts, VersionsAreOneOrTwo) {
    EXPECT_TRUE(Written().readable());
    EXPECT_TRUE(with(&Written::version, ""));
    for (std::string_view bad : {"020100", "020102", "0201ff", "02020001", "0200", "a003020101", "020101020101"})
        EXPECT_FALSE(with(&Written::version, bad)) << bad;
    // Extensions, of the list and of entries, are of version 2.
    Written old;
    old.version = {};
    old.extensions = list_extensions({"0603551d140403020107"});
    EXPECT_FALSE(old.readable());
    old.extensions = {};
    old.revoked = element(0x30, entry("020105"));
    EXPECT_TRUE(old.readable());
    old.revoked = element(0x30, entry("020105", *from_hex("300c300a0603551d1504030a0101")));
    EXPECT_FALSE(old.readable());
}

TEST(ListParts, AlgorithmsNamesTimesAndSignatures) {
    Written other;
    other.outside = *from_hex("300a06082a8648ce3d040303");
    EXPECT_FALSE(other.readable());
    EXPECT_FALSE(with(&Written::algorithm, "06082a8648ce3d040302"));
    for (std::string_view bad :
         {"", "310a300806035504030c0149", "30023100", "300a300806035504030c0149", "300d310b300906035504030c01490500",
          "300d310b30090604550483800c0149", "300c310a30080603550403020149", "300d310b300906035504030c02ff41",
          "300c310a300806035504031e0149", "30810c310a300806035504030c0149"})
        EXPECT_FALSE(with(&Written::issuer, bad)) << bad;
    for (auto member : {&Written::this_update, &Written::next_update}) {
        EXPECT_TRUE(with(member, utc("500101000000Z")));
        for (std::string_view bad : {"", "2601020304Z", "260102030405", "260102030405+0000", "261302030405Z",
                                     "260230030405Z", "260102240405Z", "260102030460Z", "26010203040 Z"})
            EXPECT_FALSE(with(member, utc(bad))) << bad;
        EXPECT_FALSE(with(member, element(0x18, as_bytes("20260102030405.5Z"))));
        EXPECT_FALSE(with(member, element(0x0c, as_bytes("260102030405Z"))));
    }
    for (std::string_view bad : {"", "0300", "0400", "03020101", "0302000100"})
        EXPECT_FALSE(with(&Written::signature, bad)) << bad;
}

TEST(ListParts, EntriesAreASerialNumberATimeAndExtensions) {
    const auto readable = [](ByteView entries) { return with(&Written::revoked, element(0x30, entries)); };
    EXPECT_TRUE(readable(entry("020105")));
    EXPECT_FALSE(readable({}));  // none: absent
    const std::string twenty(40, '7');
    EXPECT_TRUE(readable(entry("0214" + twenty)));
    EXPECT_TRUE(
        readable(entry("021500"
                       "80" +
                       twenty.substr(2))));
    EXPECT_FALSE(readable(entry("0215" + twenty + "77")));
    for (std::string_view bad : {"0200", "0201ff", "02020001", "0301ff", "0a0105", ""})
        EXPECT_FALSE(readable(entry(bad))) << bad;
    EXPECT_FALSE(readable(element(0x30, *from_hex("020105"))));                                // no time
    EXPECT_FALSE(readable(element(0x30, concat(*from_hex("020105"), utc("261302030405Z")))));  // no such time
    EXPECT_FALSE(readable(concat(entry("020105"), *from_hex("020105"))));                      // no entry
    EXPECT_FALSE(readable(entry("020105", *from_hex("300c300a0603551d1504030a01010500"))));    // behind them
    for (std::string_view bad :
         {"3000", "0500", "300f300d0603551d150101ff04030a0101", "3018300a0603551d1504030a0101300a0603551d1504030a0101",
          // certificateIssuer, though not critical
          "300b30090603551d1d04023000"})
        EXPECT_FALSE(readable(entry("020105", *from_hex(bad)))) << bad;
}

TEST(ListParts, ExtensionsAreKnownNotToNarrow) {
    const auto readable = [](std::initializer_list<std::string_view> hex) {
        return with(&Written::extensions, list_extensions(hex));
    };
    EXPECT_TRUE(readable({"0603551d140403020107", "06032a030404020500"}));
    EXPECT_FALSE(readable({}));
    EXPECT_FALSE(readable({"0603551d140403020107", "0603551d140403020107"}));
    // critical: unknown, and the two that are known to narrow a list; those also where they are not critical
    for (std::string_view bad : {"06032a03040101ff04020500", "0603551d1b0101ff0403020101", "0603551d1c0101ff04023000",
                                 "0603551d1b0403020101", "0603551d1c04023000", "06032a0304", "06032a03040c020500",
                                 "06032a0304010101040205"
                                 "00",
                                 "06000402"
                                 "0500",
                                 "06032a03840402"
                                 "0500"})
        EXPECT_FALSE(readable({bad})) << bad;
    EXPECT_FALSE(with(&Written::extensions, "a0023000"));
    EXPECT_FALSE(with(&Written::extensions,
                      "a3113"
                      "00f300d06032a030404060500"
                      "0500"));
    Written many;
    Bytes list;
    for (std::uint8_t i = 1; i <= 16; ++i)
        list.append(element(0x30, concat(Bytes{0x06, 0x02, 0x2a, i}, *from_hex("04020500"))));
    many.extensions = element(0xa0, element(0x30, list));
    EXPECT_TRUE(many.readable());
    list.append(element(0x30, *from_hex("06022a2004020500")));
    many.extensions = element(0xa0, element(0x30, list));
    EXPECT_FALSE(many.readable());
}

// The list as OpenSSL reads it says the same as ours.
void expect_same(const Crl& ours, std::string_view where) {
    const Bytes der = ours.der();
    const std::uint8_t* at = der.data();
    const CrlPtr theirs(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    ASSERT_NE(theirs, nullptr) << where;
    const auto time = [](const ASN1_TIME* time) {
        std::tm parts{};
        EXPECT_EQ(ASN1_TIME_to_tm(time, &parts), 1);
        return TimePoint(Seconds(timegm(&parts)));
    };
    EXPECT_EQ(time(X509_CRL_get0_lastUpdate(theirs.get())), ours.this_update()) << where;
    const ASN1_TIME* next = X509_CRL_get0_nextUpdate(theirs.get());
    EXPECT_EQ(next == nullptr ? std::nullopt : std::optional(time(next)), ours.next_update()) << where;
    EXPECT_EQ(common_name(X509_CRL_get_issuer(theirs.get())), ours.issuer_common_name()) << where;
    const std::uint8_t* name = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(X509_NAME_get0_der(X509_CRL_get_issuer(theirs.get()), &name, &size), 1);
    EXPECT_EQ(Bytes(ByteView(name, size)), ours.issuer()) << where;
    std::vector<Bytes> serials;
    const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(theirs.get());
    for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
        const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i));
        ByteView bytes(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
        while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
        serials.emplace_back(bytes);
    }
    std::ranges::sort(serials);
    EXPECT_EQ(serials, ours.revoked()) << where;
}

TEST(ListParts, OpenSslReadsWhatWeMakeAlike) {
    const TimePoint now = TimePoint(std::chrono::days(20'000));
    CertificateSpec spec;
    spec.not_before = now;
    spec.not_after = now + std::chrono::days(1);
    spec.is_ca = true;
    for (const char* name : {"issuer", "\xc3\xa9metteur"}) {
        spec.common_name = name;
        const SigningKey key = SigningKey::generate_p256();
        const auto issuer = make_certificate(spec, key.verifying_key(), nullptr, key).value();
        std::vector<Bytes> serials;
        for (std::uint8_t count = 0; count < 30; ++count) {
            const auto list = make_crl(issuer, key, now, now + std::chrono::days(count * 2000), serials);
            ASSERT_TRUE(list);
            expect_same(*list, name);
            EXPECT_EQ(list->revoked().size(), count);
            EXPECT_TRUE(list->verify(issuer));
            Bytes serial(std::size_t{1} + count % 20);
            for (std::uint8_t& octet : serial.span()) octet = static_cast<std::uint8_t>(count * 37 + 1);
            serials.push_back(serial);
        }
    }
}

// A list with a number that is negative or too long is no list; so a certificate with one cannot be cleared.
TEST(ListParts, WhatNoListCanNameIsRevoked) {
    Written list;
    const Bytes tbs_issuer = list.issuer;
    const auto crl = Crl::parse_der(list.der()).value();
    const auto certificate = [&](std::string_view serial, ByteView issuer) {
        const Bytes validity = element(0x30, concat(utc("260102030405Z"), utc("270102030405Z")));
        const Bytes spki = SigningKey::generate_p256().verifying_key().spki();
        const Bytes tbs = element(0x30, concat(*from_hex("a003020102"), *from_hex(serial), list.algorithm, issuer,
                                               validity, tbs_issuer, spki));
        return Certificate::parse_der(element(0x30, concat(tbs, list.algorithm, list.signature))).value();
    };
    EXPECT_FALSE(crl.revokes(certificate("020105", tbs_issuer)));
    EXPECT_TRUE(crl.revokes(certificate("0201ff", tbs_issuer)));
    EXPECT_TRUE(crl.revokes(certificate("0215" + std::string(42, '7'), tbs_issuer)));
    EXPECT_FALSE(crl.revokes(certificate("0201ff", *from_hex("300c310a300806035504030c014a"))));
}

TEST(Vendors, ListsReadAsOpenSslReadsThem) {
    const std::filesystem::path evidence = std::filesystem::path(OPENPCC_SOURCE_DIR) / "../shared/evidence";
    if (!std::filesystem::exists(evidence)) GTEST_SKIP() << "the shared evidence is not there";
    std::size_t entries = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(evidence)) {
        const std::string name = file.path().filename();
        if (!name.ends_with("rl.der") && !name.ends_with(".crl")) continue;
        std::ifstream stream(file.path(), std::ios::binary);
        const std::string content((std::istreambuf_iterator<char>(stream)), {});
        const ByteView bytes = as_bytes(content);
        const auto list = content.starts_with("-----") ? Crl::parse_pem(bytes) : Crl::parse_der(bytes);
        ASSERT_TRUE(list) << file.path();
        expect_same(*list, name);
        entries += list->revoked().size();
    }
    EXPECT_GT(entries, 100U);
}

}  // namespace
}  // namespace openpcc::x509
