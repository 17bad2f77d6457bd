// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "crypto/aead.hpp"

// Hybrid Public Key Encryption, base mode (RFC 9180; draft-ietf-hpke-pq for 0x647a). One path on every OpenSSL; ML-KEM
// comes from OpenSSL 3.5, and where it is missing the KEM is simply not supported.
namespace openpcc::hpke {

enum class Kem : std::uint16_t { kP256 = 0x0010, kX25519 = 0x0020, kXWing = 0x647a };
enum class Kdf : std::uint16_t { kHkdfSha256 = 0x0001, kHkdfSha384 = 0x0002, kHkdfSha512 = 0x0003 };
using Aead = crypto::Aead;

// is_supported: this build can use it. have_ml_kem() says whether kXWing can be.
bool is_supported(Kem kem);
bool is_supported(Kdf kdf);
bool have_ml_kem();
// served_kems is what a server of this build makes keys for, the best first: X-Wing where it can, X25519 always.
std::vector<Kem> served_kems();

std::size_t public_key_size(Kem kem);  // Npk; 0 for an unknown code point
std::size_t enc_size(Kem kem);         // Nenc

struct Suite {
    Kem kem = Kem::kX25519;
    Kdf kdf = Kdf::kHkdfSha256;
    Aead aead = Aead::kAes256Gcm;
    friend bool operator==(const Suite&, const Suite&) = default;
};

// PublicKey is a checked key of one KEM: on the curve, right length, ML-KEM coefficients reduced. A key of a KEM that this
// build knows and does not support (kXWing without ML-KEM) has its length checked only: statements that hold one beside
// others stay readable, and setup_sender refuses it. Immutable, cheap to copy, shareable between threads.
class PublicKey {
  public:
    static Result<PublicKey> parse(Kem kem, ByteView bytes);
    Kem kem() const;
    ByteView bytes() const;  // lives as long as the key
    struct Handle;
    explicit PublicKey(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
    const Handle& handle() const { return *handle_; }

  private:
    std::shared_ptr<const Handle> handle_;
};

// PrivateKey is made in memory and stays there. Move-only.
class PrivateKey {
  public:
    static Result<PrivateKey> generate(Kem kem, Random& random);
    // parse reads the serialised private key (Nsk bytes; for kXWing the 32-byte seed): for vectors and tests.
    static Result<PrivateKey> parse(Kem kem, ByteView bytes);
    // derive is DeriveKeyPair (RFC 9180 section 7.1.3; for kXWing that of draft-ietf-hpke-pq): for vectors and tests.
    static Result<PrivateKey> derive(Kem kem, ByteView ikm);
    const PublicKey& public_key() const;

    PrivateKey(PrivateKey&&) noexcept;
    PrivateKey& operator=(PrivateKey&&) noexcept;
    ~PrivateKey();
    struct Handle;
    explicit PrivateKey(std::unique_ptr<Handle> handle);
    const Handle& handle() const { return *handle_; }

  private:
    std::unique_ptr<Handle> handle_;
};

// Context after set-up, either side (RFC 9180 section 5.2). One owner, one thread at a time.
class SenderContext {
  public:
    // seal appends to nothing: out.size() == plaintext.size() + kTagSize (asserted). crypto.exhausted before wrapping.
    Result<void> seal(ByteView aad, ByteView plaintext, ByteSpan out);
    Result<Bytes> seal(ByteView aad, ByteView plaintext);
    // export_secret: Context.Export; length at most 255 * Nh (asserted).
    SecretBytes export_secret(ByteView exporter_context, std::size_t length) const;
    Aead aead() const { return aead_; }

  private:
    friend struct ContextAccess;
    SenderContext(Aead aead, crypto::AeadKey key, crypto::Nonce nonce, SecretBytes exporter, Suite suite)
        : aead_(aead), key_(std::move(key)), base_nonce_(nonce), exporter_(std::move(exporter)), suite_(suite) {}
    Aead aead_;
    crypto::AeadKey key_;
    crypto::Nonce base_nonce_;
    SecretBytes exporter_;
    Suite suite_;
    std::uint64_t sequence_ = 0;
};

class ReceiverContext {
  public:
    // open: a wrong tag is crypto.bad_tag and does not advance the sequence. out.size() == ciphertext.size() - kTagSize.
    Result<void> open(ByteView aad, ByteView ciphertext, ByteSpan out);
    Result<SecretBytes> open(ByteView aad, ByteView ciphertext);
    SecretBytes export_secret(ByteView exporter_context, std::size_t length) const;
    Aead aead() const { return aead_; }

  private:
    friend struct ContextAccess;
    ReceiverContext(Aead aead, crypto::AeadKey key, crypto::Nonce nonce, SecretBytes exporter, Suite suite)
        : aead_(aead), key_(std::move(key)), base_nonce_(nonce), exporter_(std::move(exporter)), suite_(suite) {}
    Aead aead_;
    crypto::AeadKey key_;
    crypto::Nonce base_nonce_;
    SecretBytes exporter_;
    Suite suite_;
    std::uint64_t sequence_ = 0;
};

struct Sender {
    Bytes enc;
    SenderContext context;
};

// setup_sender is SetupBaseS. The suite's KEM must be the key's (crypto.unsupported).
Result<Sender> setup_sender(const Suite& suite, const PublicKey& recipient, ByteView info, Random& random);
// setup_sender_with uses a given ephemeral key (for kXWing: 64 bytes, ML-KEM m | X25519 ephemeral): for vectors and tests.
Result<Sender> setup_sender_with(const Suite& suite, const PublicKey& recipient, ByteView info, ByteView ephemeral);
// The same with an ephemeral key pair made beforehand, off the path; it is used up. Not for kXWing (crypto.unsupported).
Result<Sender> setup_sender_with(const Suite& suite, const PublicKey& recipient, ByteView info, PrivateKey ephemeral);
// setup_receiver is SetupBaseR. An enc of wrong length or a bad point is crypto.bad_key.
Result<ReceiverContext> setup_receiver(const Suite& suite, const PrivateKey& recipient, ByteView enc, ByteView info);

}  // namespace openpcc::hpke
