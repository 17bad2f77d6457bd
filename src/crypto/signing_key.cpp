// SPDX-License-Identifier: Apache-2.0
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/errors.hpp"
#include "crypto/keys.hpp"

namespace openpcc::crypto {

namespace {

// INTEGER of DER (X.690 section 8.3): no superfluous zeros, one where the top bit is set.
void append_integer(Bytes& out, ByteView number) {
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    const bool high = number[0] >= 0x80;
    out.push_back(0x02);
    out.push_back(static_cast<std::uint8_t>(number.size() + (high ? 1 : 0)));
    if (high) out.push_back(0);
    out.append(number);
}

// An encrypted file must fail; without this OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

bool only_white_space_left(BIO* bio) {
    char byte = 0;
    while (BIO_read(bio, &byte, 1) == 1)
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n') return false;
    return true;
}

SigningKey generated(EVP_PKEY* key, KeyType type) {
    return SigningKey(std::make_unique<SigningKey::Handle>(SigningKey::Handle{type, Pkey(must(key))}));
}

}  // namespace

bool configure(EVP_PKEY_CTX* context, Scheme scheme) {
    if (scheme == Scheme::kRsaPkcs1Sha256) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    if (scheme != Scheme::kRsaPssSha256 && scheme != Scheme::kRsaPssSha384) return true;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, fetched(hash_of(scheme))) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Bytes ecdsa_to_der(ByteView p1363) {
    OPENPCC_ASSERT(p1363.size() % 2 == 0 && !p1363.empty() && p1363.size() <= 96);
    Bytes integers;
    append_integer(integers, p1363.first(p1363.size() / 2));
    append_integer(integers, p1363.subspan(p1363.size() / 2));
    Bytes out{0x30, static_cast<std::uint8_t>(integers.size())};  // at most 102: the short form
    out.append(integers);
    return out;
}

Result<Bytes> ecdsa_to_p1363(ByteView der, std::size_t width) {
    const ErrorsLeftClean clean;
    const std::uint8_t* at = der.data();
    const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> parsed(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    if (parsed == nullptr || at != der.data() + der.size()) return fail(kBadSignature);
    Bytes out(2 * width);
    const int size = size_for_openssl(width);
    if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out.data(), size) != size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out.data() + width, size) != size)
        return fail(kBadSignature);
    return out;
}

SigningKey SigningKey::generate_ed25519() {
    return generated(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), KeyType::kEd25519);
}
SigningKey SigningKey::generate_p256() { return generated(EVP_EC_gen("P-256"), KeyType::kP256); }
SigningKey SigningKey::generate_p384() { return generated(EVP_EC_gen("P-384"), KeyType::kP384); }
SigningKey SigningKey::generate_rsa(std::size_t bits) {
    OPENPCC_ASSERT(bits >= 2048 && bits <= 8192);
    return generated(EVP_RSA_gen(static_cast<unsigned>(bits)), KeyType::kRsa);
}

Result<SigningKey> SigningKey::parse_pem(ByteView pem) {
    const ErrorsLeftClean clean;
    if (!as_text(pem).starts_with("-----BEGIN PRIVATE KEY-----") || pem.size() > 64 * 1024) return fail(kBadKey);
    const Bio bio(must(BIO_new_mem_buf(pem.data(), size_for_openssl(pem.size()))));
    Pkey key(PEM_read_bio_PrivateKey_ex(bio.get(), nullptr, no_passphrase, nullptr, nullptr, nullptr));
    if (key == nullptr || !only_white_space_left(bio.get())) return fail(kBadKey);
    OPENPCC_TRY(const KeyType type, type_of(key.get()));
    return SigningKey(std::make_unique<Handle>(Handle{type, std::move(key)}));
}

SecretBytes SigningKey::to_pem() const {
    // BIO_s_secmem cleanses its buffer when it is freed.
    const Bio bio(must(BIO_new(BIO_s_secmem())));
    must(PEM_write_bio_PKCS8PrivateKey(bio.get(), handle_->key.get(), nullptr, nullptr, 0, nullptr, nullptr));
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    OPENPCC_ASSERT(size > 0);
    return SecretBytes::copy_from(as_bytes({text, static_cast<std::size_t>(size)}));
}

Result<Bytes> SigningKey::sign(Scheme scheme, ByteView message) const {
    const ErrorsLeftClean clean;
    if (!fits(scheme, handle_->type)) return fail(kBadKey);
    const MdCtx context(must(EVP_MD_CTX_new()));
    EVP_PKEY_CTX* settings = nullptr;
    const bool ed25519 = scheme == Scheme::kEd25519;
    must(EVP_DigestSignInit(context.get(), &settings, ed25519 ? nullptr : fetched(hash_of(scheme)), nullptr,
                            handle_->key.get()));
    if (!configure(settings, scheme)) return fail(kBadKey);
    std::size_t size = 0;
    must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()));
    Bytes out(size);
    must(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()));
    out.resize(size);
    if (scheme == Scheme::kEcdsaP256Sha256) return ecdsa_to_p1363(out, 32);
    if (scheme == Scheme::kEcdsaP384Sha384) return ecdsa_to_p1363(out, 48);
    return out;
}

VerifyingKey SigningKey::verifying_key() const {
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(handle_->key.get(), &der);
    OPENPCC_ASSERT(size > 0);
    auto key = VerifyingKey::parse_spki(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    OPENPCC_ASSERT(key.has_value());
    return *std::move(key);
}

SigningKey::SigningKey(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

}  // namespace openpcc::crypto
