// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509/x509.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <filesystem>
#include <fstream>

#include "core/text.hpp"
#include "crypto/errors.hpp"

namespace openpcc::x509 {
namespace {

using crypto::SigningKey;

constexpr TimePoint at(int day) { return TimePoint(std::chrono::sys_days(std::chrono::days(20'000 + day))); }

// Authority is a name with its key and certificate.
struct Authority {
    SigningKey key;
    Certificate certificate;
};

CertificateSpec ca(std::string name, std::optional<int> path_length = {}) {
    return {.common_name = std::move(name),
            .not_before = at(0),
            .not_after = at(100),
            .serial = 7,
            .is_ca = true,
            .path_length = path_length,
            .extensions = {},
            .organization = {},
            .scheme = {}};
}

CertificateSpec leaf(std::string name = "leaf") {
    CertificateSpec spec = ca(std::move(name));
    spec.is_ca = false;
    spec.serial = 99;
    return spec;
}

Authority make(const CertificateSpec& spec, const Authority* issuer, SigningKey key = SigningKey::generate_p256()) {
    const SigningKey& signer = issuer == nullptr ? key : issuer->key;
    auto made = make_certificate(spec, key.verifying_key(), issuer == nullptr ? nullptr : &issuer->certificate, signer);
    EXPECT_TRUE(made);
    return {std::move(key), *made};
}

std::string problem(const std::vector<Certificate>& chain, const std::vector<Certificate>& roots,
                    TimePoint now = at(50)) {
    const auto root = verify_chain(chain, roots, now);
    EXPECT_EQ(ERR_peek_error(), 0U);
    if (root) return "";
    EXPECT_EQ(root.error(), crypto::kUntrusted);
    return root.error().text();
}

class Chain : public testing::Test {
  protected:
    Authority root_ = make(ca("root"), nullptr);
    Authority middle_ = make(ca("middle", 0), &root_);
    Authority leaf_ = make(leaf(), &middle_);
    std::vector<Certificate> roots_{root_.certificate};
};

TEST_F(Chain, IsAcceptedWithAndWithoutItsRoot) {
    EXPECT_EQ(problem({leaf_.certificate, middle_.certificate}, roots_), "");
    EXPECT_EQ(problem({leaf_.certificate, middle_.certificate, root_.certificate}, roots_), "");
    EXPECT_EQ(problem({root_.certificate}, roots_), "");
    const auto reached = verify_chain({leaf_.certificate, middle_.certificate}, roots_, at(50));
    EXPECT_EQ(reached->fingerprint(), root_.certificate.fingerprint());
    // A pinned certificate below the root ends the path.
    EXPECT_EQ(problem({leaf_.certificate, middle_.certificate}, {middle_.certificate}), "");
    EXPECT_EQ(problem({leaf_.certificate}, {middle_.certificate}), "");
}

TEST_F(Chain, WorksWithEveryKeyType) {
    for (auto* generate : {&SigningKey::generate_ed25519, &SigningKey::generate_p384}) {
        const Authority root = make(ca("root"), nullptr, generate());
        const Authority end = make(leaf(), &root, generate());
        EXPECT_EQ(problem({end.certificate}, {root.certificate}), "");
    }
}

TEST_F(Chain, ValidityIsThatOfTheGivenTime) {
    const std::vector<Certificate> chain{leaf_.certificate, middle_.certificate};
    EXPECT_EQ(problem(chain, roots_, at(0)), "");
    EXPECT_EQ(problem(chain, roots_, at(100)), "");
    EXPECT_EQ(problem(chain, roots_, at(100) + Seconds(1)), "certificate 0: expired");
    EXPECT_EQ(problem(chain, roots_, at(0) - Seconds(1)), "certificate 0: not yet valid");
    CertificateSpec old_spec = ca("old root");
    old_spec.not_after = at(40);
    const Authority old_root = make(old_spec, nullptr);
    const Authority end = make(leaf(), &old_root);
    EXPECT_EQ(problem({end.certificate}, {old_root.certificate}), "certificate 1: expired");
}

TEST_F(Chain, RefusesUnknownRoots) {
    EXPECT_NE(problem({leaf_.certificate, middle_.certificate}, {}), "");
    EXPECT_NE(problem({leaf_.certificate, middle_.certificate, root_.certificate}, {}), "");
    const Authority same_name = make(ca("root"), nullptr);
    EXPECT_NE(problem({leaf_.certificate, middle_.certificate}, {same_name.certificate}), "");
    EXPECT_NE(problem({leaf_.certificate, middle_.certificate, root_.certificate}, {same_name.certificate}), "");
    EXPECT_EQ(problem({leaf_.certificate, middle_.certificate}, {same_name.certificate, root_.certificate}), "");
    EXPECT_NE(problem({}, roots_), "");
}

TEST_F(Chain, RefusesASameNamedRootWithoutKeyIdentifiers) {
    // Without identifiers only the signature tells the two keys apart.
    CertificateSpec spec = leaf();
    spec.extensions = {{"2.5.29.35", Bytes{0x30, 0x00}, false}};
    const Authority end = make(spec, &root_);
    EXPECT_EQ(problem({end.certificate}, roots_), "");
    EXPECT_NE(problem({end.certificate}, {make(ca("root"), nullptr).certificate}), "");
}

TEST_F(Chain, RefusesIssuersThatAreNoCa) {
    const Authority below_leaf = make(leaf("below"), &leaf_);
    EXPECT_EQ(problem({below_leaf.certificate, leaf_.certificate, middle_.certificate}, roots_),
              "certificate 1: not a CA");
    CertificateSpec spec = ca("no signing");
    spec.extensions = {{"2.5.29.15", Bytes{0x03, 0x02, 0x01, 0x06}, true}};  // cRLSign and keyCertSign
    EXPECT_EQ(problem({make(leaf(), &middle_).certificate, middle_.certificate}, roots_), "");
    spec.extensions[0].content = Bytes{0x03, 0x02, 0x01, 0x02};  // cRLSign alone
    const Authority no_signing = make(spec, &root_);
    EXPECT_EQ(problem({make(leaf(), &no_signing).certificate, no_signing.certificate}, roots_),
              "certificate 1: may not sign certificates");
    // A leaf that is pinned as a root may not sign either.
    EXPECT_NE(problem({below_leaf.certificate}, {leaf_.certificate}), "");
}

TEST_F(Chain, PathLengthHolds) {
    const Authority third = make(ca("third"), &middle_);  // middle allows none below it
    const Authority end = make(leaf(), &third);
    EXPECT_EQ(problem({end.certificate, third.certificate, middle_.certificate}, roots_),
              "certificate 2: path too long");
    const Authority narrow_root = make(ca("narrow root", 0), nullptr);
    const Authority under = make(ca("under"), &narrow_root);
    EXPECT_EQ(problem({make(leaf(), &under).certificate, under.certificate}, {narrow_root.certificate}),
              "certificate 2: path too long");
}

TEST_F(Chain, RefusesDepthAndDisorder) {
    std::vector<Authority> authorities;
    authorities.push_back(make(ca("0"), nullptr));
    for (int i = 1; i < 9; ++i) authorities.push_back(make(ca(std::to_string(i)), &authorities.back()));
    std::vector<Certificate> chain;
    for (std::size_t i = authorities.size(); i-- > 1;) chain.push_back(authorities[i].certificate);
    EXPECT_EQ(problem(chain, {authorities[0].certificate}), "");
    chain.push_back(authorities[0].certificate);
    EXPECT_EQ(problem(chain, {authorities[0].certificate}), "too many certificates");
    EXPECT_NE(problem({middle_.certificate, leaf_.certificate}, {}), "");
    EXPECT_EQ(problem({leaf_.certificate, root_.certificate, middle_.certificate}, roots_),
              "certificate 0: not issued by the next certificate");
}

TEST_F(Chain, CriticalExtensionsMustBeKnown) {
    CertificateSpec spec = leaf();
    spec.extensions = {{"1.2.840.113741.1.13.1", Bytes{0x30, 0x00}, false}};
    EXPECT_EQ(problem({make(spec, &middle_).certificate, middle_.certificate}, roots_), "");
    spec.extensions[0].critical = true;
    EXPECT_EQ(problem({make(spec, &middle_).certificate, middle_.certificate}, roots_),
              "certificate 0: unknown critical extension");
    // Name constraints are not evaluated: known to OpenSSL, unknown to us.
    CertificateSpec constrained = ca("constrained");
    constrained.extensions = {{"2.5.29.30", *from_hex("300aa0083006820461626364"), true}};
    const Authority issuer = make(constrained, &root_);
    EXPECT_EQ(problem({make(leaf(), &issuer).certificate, issuer.certificate}, roots_),
              "certificate 1: unknown critical extension");
}

TEST_F(Chain, EveryFlippedBitIsRefused) {
    const Bytes good = leaf_.certificate.der();
    for (std::size_t bit = 0; bit < good.size() * 8; bit += 3) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto parsed = Certificate::parse_der(bad);
        if (parsed) {
            EXPECT_NE(problem({*parsed, middle_.certificate}, roots_), "") << bit;
        } else {
            EXPECT_EQ(parsed.error(), crypto::kBadCertificate);
        }
        EXPECT_EQ(ERR_peek_error(), 0U);
    }
}

TEST_F(Chain, FieldsAreReadable) {
    CertificateSpec spec = leaf("a name");
    spec.serial = 0x80ff;
    spec.organization = "an organization";
    spec.extensions = {{"1.2.3.4", Bytes{0x05, 0x00}, false}};
    const Certificate made = make(spec, &middle_).certificate;
    EXPECT_EQ(made.subject_common_name(), "a name");
    EXPECT_EQ(made.issuer_common_name(), "middle");
    EXPECT_EQ(made.serial(), (Bytes{0x80, 0xff}));
    EXPECT_EQ(made.not_before(), at(0));
    EXPECT_EQ(made.not_after(), at(100));
    EXPECT_EQ(made.extension("1.2.3.4"), (Bytes{0x05, 0x00}));
    EXPECT_EQ(made.extension("1.2.3.5"), std::nullopt);
    EXPECT_EQ(made.extension("nonsense"), std::nullopt);
    EXPECT_EQ(made.crl_distribution_point(), std::nullopt);
    spec.serial = 0;
    EXPECT_EQ(make(spec, &middle_).certificate.serial(), Bytes{0x00});
    spec.extensions = {{"2.5.29.31", *from_hex("300d300ba009a0078605783a2f2f79"), false}};
    EXPECT_EQ(make(spec, &middle_).certificate.crl_distribution_point(), "x://y");
    spec.extensions = {{"1.2.3.4", Bytes{0x05, 0x00}, false}, {"1.2.3.4", Bytes{0x05, 0x00}, false}};
    EXPECT_FALSE(make_certificate(spec, leaf_.key.verifying_key(), nullptr, leaf_.key));
}

std::string pem(const Certificate& certificate) {
    return "-----BEGIN CERTIFICATE-----\n" + to_base64(certificate.der()) + "\n-----END CERTIFICATE-----\n";
}

TEST_F(Chain, PemChainsHoldNothingElse) {
    const std::string two = pem(leaf_.certificate) + "\n" + pem(middle_.certificate);
    const auto read = [](const std::string& text, std::size_t limit = 8) {
        return Certificate::parse_pem_chain(as_bytes(text), limit);
    };
    ASSERT_TRUE(read(two));
    EXPECT_EQ(read(two)->at(1).der(), middle_.certificate.der());
    EXPECT_TRUE(read(two + '\0'));
    EXPECT_FALSE(read(two + '\0' + '\0'));
    EXPECT_FALSE(read(two, 1));
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read("text\n" + two));
    EXPECT_FALSE(read(two + "text"));
    EXPECT_FALSE(read(two.substr(0, two.size() - 5)));
    EXPECT_FALSE(read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    EXPECT_FALSE(Certificate::parse_der(concat(leaf_.certificate.der(), Bytes{0x00})));
}

TEST_F(Chain, RevocationListsAreSignedAndOfTheIssuer) {
    const auto crl =
        make_crl(middle_.certificate, middle_.key, at(1), at(8), {Bytes{0x05}, leaf_.certificate.serial()});
    ASSERT_TRUE(crl);
    EXPECT_EQ(crl->issuer_common_name(), "middle");
    EXPECT_NE(crl->issuer(), make_crl(root_.certificate, root_.key, at(1), at(8), {})->issuer());
    EXPECT_EQ(crl->issuer(), make_crl(middle_.certificate, middle_.key, at(2), at(9), {})->issuer());
    EXPECT_EQ(Crl::parse_der(crl->der())->der(), crl->der());
    std::vector<Bytes> serials = {leaf_.certificate.serial(), Bytes{0x05}};
    std::ranges::sort(serials);
    EXPECT_EQ(crl->revoked(), serials);
    EXPECT_EQ(crl->this_update(), at(1));
    EXPECT_EQ(crl->next_update(), at(8));
    EXPECT_TRUE(crl->verify(middle_.certificate));
    EXPECT_TRUE(crl->revokes(leaf_.certificate));
    EXPECT_FALSE(crl->revokes(make(ca("other"), &middle_).certificate));
    // Of another issuer: the same serial means nothing, and the signature is not its.
    EXPECT_FALSE(crl->revokes(make(leaf(), &root_).certificate));
    EXPECT_EQ(crl->verify(root_.certificate).error(), crypto::kUntrusted);
    EXPECT_EQ(crl->verify(make(ca("middle"), &root_).certificate).error(), crypto::kBadSignature);
    EXPECT_FALSE(make_crl(leaf_.certificate, leaf_.key, at(1), at(8), {})->verify(leaf_.certificate));
    EXPECT_EQ(ERR_peek_error(), 0U);
    EXPECT_FALSE(Crl::parse_der(Bytes{0x30, 0x00}));
    EXPECT_FALSE(Crl::parse_pem(as_bytes("")));
}

TEST(Make, AnRsaIssuerSignsAsItIsTold) {
    using crypto::Scheme;
    const auto signed_with = [](std::optional<Scheme> scheme, const Authority& issuer) {
        CertificateSpec spec = leaf();
        spec.scheme = scheme;
        const auto key = SigningKey::generate_p256();
        return make_certificate(spec, key.verifying_key(), &issuer.certificate, issuer.key);
    };
    const Authority root = make(ca("root"), nullptr, SigningKey::generate_rsa(2048));
    for (const std::optional<Scheme> scheme :
         {std::optional<Scheme>(), std::optional(Scheme::kRsaPssSha256), std::optional(Scheme::kRsaPssSha384)}) {
        const auto certificate = signed_with(scheme, root);
        ASSERT_TRUE(certificate);
        EXPECT_EQ(problem({*certificate}, {root.certificate}), "");
        const auto crl = make_crl(root.certificate, root.key, at(1), at(8), {}, scheme);
        ASSERT_TRUE(crl);
        EXPECT_TRUE(crl->verify(root.certificate));
    }
    // RFC 4055 section 3.1: the parameters name SHA-384, MGF1 with SHA-384 and 48 bytes of salt.
    const Bytes parameters = *from_hex(
        "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d060960864801"
        "65"
        "030402020500a203020130");
    const Bytes der = signed_with(Scheme::kRsaPssSha384, root)->der();
    EXPECT_EQ(std::ranges::search(der, parameters).size(), parameters.size());
    EXPECT_FALSE(signed_with(Scheme::kEcdsaP256Sha256, root));
    EXPECT_FALSE(make_crl(root.certificate, root.key, at(1), at(8), {}, Scheme::kEd25519));
}

// Vendors' own certificates, where they are beside the repository: what is strict must not be too strict.
TEST(Vendors, ChainsAreAccepted) {
    const std::filesystem::path roots = std::filesystem::path(OPENPCC_SOURCE_DIR) / "../shared/evidence/roots";
    if (!std::filesystem::exists(roots)) GTEST_SKIP() << "the shared evidence is not there";
    int chains = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(roots)) {
        if (entry.path().extension() != ".pem") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        const auto chain = Certificate::parse_pem_chain(as_bytes(text), 8);
        ASSERT_TRUE(chain) << entry.path();
        EXPECT_EQ(problem(*chain, {chain->back()}, *parse_rfc3339("2025-06-15T00:00:00Z")), "") << entry.path();
        ++chains;
    }
    EXPECT_GT(chains, 5);
}

TEST(Vendors, RevocationListsAreRead) {
    const std::filesystem::path evidence = std::filesystem::path(OPENPCC_SOURCE_DIR) / "../shared/evidence";
    if (!std::filesystem::exists(evidence)) GTEST_SKIP() << "the shared evidence is not there";
    int lists = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(evidence)) {
        const std::string name = entry.path().filename();
        if (!name.ends_with("rl.der") && !name.ends_with(".crl")) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string content((std::istreambuf_iterator<char>(file)), {});
        const ByteView bytes = as_bytes(content);
        const auto crl = content.starts_with("-----") ? Crl::parse_pem(bytes) : Crl::parse_der(bytes);
        EXPECT_TRUE(crl) << entry.path() << " " << (crl ? "" : crl.error().describe());
        ++lists;
    }
    EXPECT_GT(lists, 5);
}

}  // namespace
}  // namespace openpcc::x509
