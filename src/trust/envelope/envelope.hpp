// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/trust.hpp"
#include "crypto/signature.hpp"

// DSSE, the Dead Simple Signing Envelope (version 1.0): bytes of a named type under the signatures of one or more
// people. What is signed is the pre-authentication encoding of type and payload, never the JSON around them.
namespace openpcc::envelope {

inline constexpr ErrorCode kMalformed{"envelope.malformed", Category::kBadInput};
inline constexpr ErrorCode kUnderSigned{"envelope.under_signed", Category::kUnverified};
inline constexpr ErrorCode kBadSigner{"envelope.bad_signer", Category::kBadInput};

inline constexpr std::size_t kMaxEnvelope = 512 << 10;
inline constexpr std::size_t kMaxSignatures = 16;
inline constexpr std::size_t kMaxSigners = 16;

// pae is what is signed: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload.
Bytes pae(std::string_view type, ByteView payload);

// Signer is one public key that may sign, Ed25519 or ECDSA P-256. Its text is "openpcc-signer:ed25519:" and 64 hex
// digits, or "openpcc-signer:p256:" and 128.
class Signer {
  public:
    static Result<Signer> of(const crypto::VerifyingKey& key);  // envelope.bad_signer for another kind of key
    static Result<Signer> parse(std::string_view text);
    std::string to_text() const;
    std::string key_id() const;  // SHA-256 of the SPKI, hex
    const crypto::VerifyingKey& key() const { return key_; }
    crypto::Scheme scheme() const { return scheme_; }

  private:
    Signer(crypto::VerifyingKey key, crypto::Scheme scheme) : key_(std::move(key)), scheme_(scheme) {}
    crypto::VerifyingKey key_;
    crypto::Scheme scheme_;
};

// SignerSet is k of n: `threshold` different keys of the set must have signed.
class SignerSet {
  public:
    // make: one to kMaxSigners different keys, and a threshold that they can reach.
    static Result<SignerSet> make(std::vector<Signer> signers, std::size_t threshold);
    const std::vector<Signer>& signers() const { return signers_; }
    std::size_t threshold() const { return threshold_; }

  private:
    SignerSet(std::vector<Signer> signers, std::size_t threshold)
        : signers_(std::move(signers)), threshold_(threshold) {}
    std::vector<Signer> signers_;
    std::size_t threshold_;
};

struct Signature {
    std::string key_id;  // a hint of the signer's, which nothing is decided by
    Bytes bytes;
    friend bool operator==(const Signature&, const Signature&) = default;
};

// Envelope as it was read: nobody has judged its signatures.
struct Envelope {
    std::string type;
    Bytes payload;
    std::vector<Signature> signatures;
    friend bool operator==(const Envelope&, const Envelope&) = default;

    // parse reads strict JSON with exactly the members of DSSE; base64 is the standard one, canonical, with padding.
    static Result<Unverified<Envelope>> parse(ByteView json);
    std::string to_json() const;
    // sign adds a signature, in the place of an earlier one of the same key.
    Result<void> sign(const crypto::SigningKey& key);
};

// looks_like_envelope: whether strict JSON has the member `payloadType`. For messages and for choosing a reader.
bool looks_like_envelope(ByteView json);

// open gives the payload of an envelope of that type which enough of the signers have signed. Whoever signs twice
// counts once. envelope.under_signed otherwise.
Result<Bytes> open(ByteView json, std::string_view type, const SignerSet& signers);

}  // namespace openpcc::envelope
