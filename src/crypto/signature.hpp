// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/bytes.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace openpcc::crypto {

// How a signature is made. There is no negotiation: the caller names the one scheme it accepts, and a key of another
// type is crypto.bad_key.
enum class Scheme {
    kEd25519,          // RFC 8032; 64 bytes
    kEcdsaP256Sha256,  // r | s, 64 bytes, big-endian (IEEE P1363)
    kEcdsaP384Sha384,  // r | s, 96 bytes
    kEcdsaP256Sha256Der,
    kEcdsaP384Sha384Der,
    kRsaPssSha256,     // salt = digest, MGF1 with the same hash; at least 2048 bits
    kRsaPssSha384,
    kRsaPkcs1Sha256,
};

// VerifyingKey is a public key ready for use. Immutable, shareable between threads, cheap to copy.
class VerifyingKey {
  public:
    // parse_spki reads a SubjectPublicKeyInfo (RFC 5280); the whole input must be one.
    static Result<VerifyingKey> parse_spki(ByteView der);
    // parse_ed25519 reads the 32 bytes of RFC 8032.
    static Result<VerifyingKey> parse_ed25519(ByteView raw);
    // parse_p256 reads x | y (64 bytes) or an uncompressed point (65 bytes, 04 first); off the curve is crypto.bad_key.
    static Result<VerifyingKey> parse_p256(ByteView point);

    // verify: crypto.bad_signature for anything that is not a good signature, also of a wrong length.
    Result<void> verify(Scheme scheme, ByteView message, ByteView signature) const;
    Bytes spki() const;
    // raw is the 32 bytes of an Ed25519 key, or x | y of an EC key.
    Result<Bytes> raw() const;

    struct Handle;
    explicit VerifyingKey(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
    const Handle& handle() const { return *handle_; }

  private:
    std::shared_ptr<const Handle> handle_;
};

// SigningKey never shows its secret, except to the PEM writer that stores it. Move-only.
class SigningKey {
  public:
    static SigningKey generate_ed25519();
    static SigningKey generate_p256();
    static SigningKey generate_p384();
    // generate_rsa: 2048 to 8192 bits; takes seconds for the longer ones. Simulated hardware needs it, nothing else.
    static SigningKey generate_rsa(std::size_t bits);
    // PKCS#8 PEM, unencrypted; the file's permissions are the caller's care.
    static Result<SigningKey> parse_pem(ByteView pem);
    SecretBytes to_pem() const;

    // sign: the scheme must fit the key (crypto.bad_key).
    Result<Bytes> sign(Scheme scheme, ByteView message) const;
    VerifyingKey verifying_key() const;

    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();
    struct Handle;
    explicit SigningKey(std::unique_ptr<Handle> handle);
    const Handle& handle() const { return *handle_; }

  private:
    std::unique_ptr<Handle> handle_;
};

}  // namespace openpcc::crypto
