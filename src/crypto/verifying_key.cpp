// SPDX-License-Identifier: Apache-2.0
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <optional>

#include "crypto/errors.hpp"
#include "crypto/keys.hpp"

namespace openpcc::crypto {

namespace {

// The only encodings of these keys in DER (RFC 5480 section 2, RFC 8410 section 4); what follows is the key itself.
constexpr std::array<std::uint8_t, 27> kP256Prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::array<std::uint8_t, 24> kP384Prefix = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                                      0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                                      0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00, 0x04};
constexpr std::array<std::uint8_t, 12> kEd25519Prefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                         0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

bool starts_with(ByteView bytes, ByteView prefix) {
    return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

// A key of that group without a point. To set a group up costs a quarter of a verification; it is done once, and
// copied.
EVP_PKEY* group_of(const char* group) {
    const PkeyCtx context(must(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)));
    must(EVP_PKEY_fromdata_init(context.get()));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEY_PARAMETERS, parameters));
    return key;
}

// An EC key from its uncompressed point; OpenSSL checks that it is on the curve.
Pkey ec_key(KeyType type, ByteView point) {
    static EVP_PKEY* const kP256 = group_of("P-256");
    static EVP_PKEY* const kP384 = group_of("P-384");
    Pkey key(must(EVP_PKEY_dup(type == KeyType::kP256 ? kP256 : kP384)));
    if (EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1) return nullptr;
    return key;
}

Result<VerifyingKey> parse_ec(ByteView spki, KeyType type, std::size_t prefix, std::size_t width) {
    if (spki.size() != prefix + 2 * width) return fail(kBadKey);
    Pkey key = ec_key(type, spki.subspan(prefix - 1));  // the point begins with the 04 that ends the prefix
    if (key == nullptr) return fail(kBadKey);
    return wrap_public(std::move(key), type, Bytes(spki));
}

// The public exponent is odd, above one and short: 1 would make every number its own signature, and a long one would
// cost the verifier as much as signing costs.
bool exponent_ok(const EVP_PKEY* key) {
    BIGNUM* read = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &read) != 1) return false;
    const Bignum exponent(read);
    return BN_is_odd(exponent.get()) && !BN_is_one(exponent.get()) && BN_num_bits(exponent.get()) <= 33;
}

// AlgorithmIdentifier of rsaEncryption (RFC 8017 appendix A.1): the OID and NULL.
constexpr std::array<std::uint8_t, 15> kRsaAlgorithm = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

// content_of cuts one element of DER with that tag from the front: definite length in the fewest octets, at most 64
// KiB.
std::optional<ByteView> content_of(ByteView& in, std::uint8_t tag) {
    if (in.size() < 2 || in[0] != tag) return std::nullopt;
    std::size_t length = in[1];
    std::size_t head = 2;
    if (length >= 0x80) {
        const std::size_t octets = length & 0x7f;
        if (octets < 1 || octets > 2 || in.size() < 2 + octets) return std::nullopt;
        length = octets == 1 ? in[2] : static_cast<std::size_t>(in[2]) << 8 | in[3];
        if (length < (octets == 1 ? 0x80U : 0x100U)) return std::nullopt;
        head += octets;
    }
    if (length > in.size() - head) return std::nullopt;
    const ByteView content = in.subspan(head, length);
    in = in.subspan(head + length);
    return content;
}

// A positive INTEGER in the fewest octets, as OpenSSL takes numbers.
Bignum positive_of(ByteView& in) {
    const auto content = content_of(in, 0x02);
    if (!content || content->empty() || (*content)[0] >= 0x80) return nullptr;
    if ((*content)[0] == 0 && (content->size() == 1 || (*content)[1] < 0x80)) return nullptr;
    return Bignum(must(BN_bin2bn(content->data(), size_for_openssl(content->size()), nullptr)));
}

// RSAPublicKey in a SubjectPublicKeyInfo. OpenSSL would find out by trials what it has before it.
Pkey rsa_key(ByteView spki) {
    auto outer = content_of(spki, 0x30);
    if (!outer || !spki.empty() || outer->size() < kRsaAlgorithm.size() ||
        !equal(outer->first(kRsaAlgorithm.size()), kRsaAlgorithm))
        return nullptr;
    ByteView rest = outer->subspan(kRsaAlgorithm.size());
    auto bits = content_of(rest, 0x03);
    if (!bits || !rest.empty() || bits->empty() || (*bits)[0] != 0) return nullptr;
    ByteView key = bits->subspan(1);
    auto numbers = content_of(key, 0x30);
    if (!numbers || !key.empty()) return nullptr;
    const Bignum modulus = positive_of(*numbers);
    const Bignum exponent = modulus == nullptr ? nullptr : positive_of(*numbers);
    if (exponent == nullptr || !numbers->empty()) return nullptr;

    const std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>> builder(must(OSSL_PARAM_BLD_new()));
    must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()));
    must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()));
    const std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>> parameters(must(OSSL_PARAM_BLD_to_param(builder.get())));
    const PkeyCtx context(must(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)));
    must(EVP_PKEY_fromdata_init(context.get()));
    EVP_PKEY* made = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
    return Pkey(made);
}

// Keys for RSASSA-PSS alone have parameters, which OpenSSL reads; writing them again must give the same bytes, so that
// there is one encoding of each.
Pkey pss_key(ByteView spki) {
    const std::uint8_t* at = spki.data();
    Pkey key(d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(spki.size()), nullptr, nullptr));
    if (key == nullptr || at != spki.data() + spki.size()) return nullptr;
    std::uint8_t* written = nullptr;
    const int size = i2d_PUBKEY(key.get(), &written);
    const bool same = size > 0 && equal(ByteView(written, static_cast<std::size_t>(size)), spki);
    OPENSSL_free(written);
    return same ? std::move(key) : nullptr;
}

Result<VerifyingKey> parse_rsa(ByteView spki) {
    Pkey key = rsa_key(spki);
    if (key == nullptr) key = pss_key(spki);
    if (key == nullptr) return fail(kBadKey);
    OPENPCC_TRY(const KeyType type, type_of(key.get()));
    if ((type != KeyType::kRsa && type != KeyType::kRsaPss) || !exponent_ok(key.get())) return fail(kBadKey);
    return wrap_public(std::move(key), type, Bytes(spki));
}

// prepare sets a verification up; nullptr when the key's own parameters (RSASSA-PSS) forbid the scheme.
PkeyCtx prepare(EVP_PKEY* key, Scheme scheme) {
    PkeyCtx context(must(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)));
    const EVP_MD* md = fetched(hash_of(scheme));
    if (EVP_PKEY_verify_init(context.get()) != 1) return nullptr;
    const bool pss = scheme == Scheme::kRsaPssSha256 || scheme == Scheme::kRsaPssSha384;
    if (pss && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1) return nullptr;
    if (scheme == Scheme::kRsaPkcs1Sha256 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1)
        return nullptr;
    if (EVP_PKEY_CTX_set_signature_md(context.get(), md) != 1) return nullptr;
    if (pss && (EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), md) != 1 ||
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST) != 1))
        return nullptr;
    return context;
}

bool verify_ed25519(EVP_PKEY* key, ByteView message, ByteView signature) {
    const MdCtx context(must(EVP_MD_CTX_new()));
    if (EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) != 1) return false;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

// The width of one coordinate where the signature is r | s, else 0.
std::size_t p1363_width(Scheme scheme) {
    if (scheme == Scheme::kEcdsaP256Sha256) return 32;
    return scheme == Scheme::kEcdsaP384Sha384 ? 48 : 0;
}

}  // namespace

Result<KeyType> type_of(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "ED25519")) return KeyType::kEd25519;
    if (EVP_PKEY_is_a(key, "EC")) {
        char group[64] = {};
        if (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1) return fail(kBadKey);
        if (std::string_view(group) == "prime256v1") return KeyType::kP256;
        if (std::string_view(group) == "secp384r1") return KeyType::kP384;
        return fail(kBadKey);
    }
    const bool pss = EVP_PKEY_is_a(key, "RSA-PSS") == 1;
    // Above 8192 bits a verification costs more than any peer may ask for.
    if ((pss || EVP_PKEY_is_a(key, "RSA")) && EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192)
        return pss ? KeyType::kRsaPss : KeyType::kRsa;
    return fail(kBadKey);
}

bool fits(Scheme scheme, KeyType type) {
    switch (scheme) {
        case Scheme::kEd25519:
            return type == KeyType::kEd25519;
        case Scheme::kEcdsaP256Sha256:
        case Scheme::kEcdsaP256Sha256Der:
            return type == KeyType::kP256;
        case Scheme::kEcdsaP384Sha384:
        case Scheme::kEcdsaP384Sha384Der:
            return type == KeyType::kP384;
        case Scheme::kRsaPssSha256:
        case Scheme::kRsaPssSha384:
            return type == KeyType::kRsa || type == KeyType::kRsaPss;
        case Scheme::kRsaPkcs1Sha256:
            return type == KeyType::kRsa;
    }
    return false;
}

Hash hash_of(Scheme scheme) {
    const bool longer =
        scheme == Scheme::kEcdsaP384Sha384 || scheme == Scheme::kEcdsaP384Sha384Der || scheme == Scheme::kRsaPssSha384;
    return longer ? Hash::kSha384 : Hash::kSha256;
}

const EVP_PKEY_CTX* VerifyingKey::Handle::context_for(Scheme scheme) const {
    const auto i = static_cast<std::size_t>(scheme);
    std::call_once(once_[i], [&] { prepared_[i] = prepare(key.get(), scheme); });
    return prepared_[i].get();
}

Result<VerifyingKey> wrap_public(Pkey key, KeyType type, Bytes spki) {
    auto handle = std::make_shared<VerifyingKey::Handle>();
    handle->type = type;
    handle->key = std::move(key);
    handle->spki = std::move(spki);
    return VerifyingKey(std::move(handle));
}

Result<VerifyingKey> VerifyingKey::parse_spki(ByteView der) {
    const ErrorsLeftClean clean;
    if (starts_with(der, kP256Prefix)) return parse_ec(der, KeyType::kP256, kP256Prefix.size(), 32);
    if (starts_with(der, kP384Prefix)) return parse_ec(der, KeyType::kP384, kP384Prefix.size(), 48);
    if (starts_with(der, kEd25519Prefix)) {
        if (der.size() != kEd25519Prefix.size() + 32) return fail(kBadKey);
        return parse_ed25519(der.subspan(kEd25519Prefix.size()));
    }
    return parse_rsa(der);
}

Result<VerifyingKey> VerifyingKey::parse_ed25519(ByteView raw) {
    const ErrorsLeftClean clean;
    if (raw.size() != 32) return fail(kBadKey);
    Pkey key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw.data(), raw.size()));
    if (key == nullptr) return fail(kBadKey);
    return wrap_public(std::move(key), KeyType::kEd25519, concat(ByteView(kEd25519Prefix), raw));
}

Result<VerifyingKey> VerifyingKey::parse_p256(ByteView point) {
    if (point.size() == 65 && point[0] == 0x04) point = point.subspan(1);
    if (point.size() != 64) return fail(kBadKey);
    return parse_spki(concat(ByteView(kP256Prefix), point));
}

Result<void> VerifyingKey::verify(Scheme scheme, ByteView message, ByteView signature) const {
    const ErrorsLeftClean clean;
    if (!fits(scheme, handle_->type)) return fail(kBadKey);
    if (scheme == Scheme::kEd25519) {
        if (signature.size() == 64 && verify_ed25519(handle_->key.get(), message, signature)) return {};
        return fail(kBadSignature);
    }
    const EVP_PKEY_CTX* prepared = handle_->context_for(scheme);
    if (prepared == nullptr) return fail(kBadKey);
    Bytes der;
    if (const std::size_t width = p1363_width(scheme); width != 0) {
        if (signature.size() != 2 * width) return fail(kBadSignature);
        der = ecdsa_to_der(signature);
        signature = der;
    }
    const PkeyCtx context(must(EVP_PKEY_CTX_dup(prepared)));
    const Bytes hash = digest(hash_of(scheme), {message});
    // For ECDSA OpenSSL writes the parsed signature again and compares: one DER encoding, nothing behind it.
    if (EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(), hash.size()) != 1)
        return fail(kBadSignature);
    return {};
}

Bytes VerifyingKey::spki() const { return handle_->spki; }

Result<Bytes> VerifyingKey::raw() const {
    const ByteView spki = handle_->spki;
    switch (handle_->type) {
        case KeyType::kEd25519:
            return Bytes(spki.subspan(kEd25519Prefix.size()));
        case KeyType::kP256:
            return Bytes(spki.subspan(kP256Prefix.size()));
        case KeyType::kP384:
            return Bytes(spki.subspan(kP384Prefix.size()));
        default:
            return fail(kUnsupported);
    }
}

}  // namespace openpcc::crypto
