// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/plaintext.hpp"
#include "crypto/aead.hpp"

namespace openpcc::crypto {

// A stream of AEAD chunks whose order and end are authenticated, as chunked OHTTP does it
// (draft-ietf-ohai-chunked-ohttp-08 section 6.2): chunk i is sealed under nonce XOR i with empty AAD, the last one with
// AAD "final". Nothing else is on the wire here: framing is the protocols' own.
struct StreamKeys {
    SecretBytes key;
    Nonce base_nonce;
};

class ChunkSealer {
  public:
    ChunkSealer(Aead aead, const StreamKeys& keys);
    // out.size() == plaintext.size() + kTagSize. After the final chunk, or after 2^32 chunks, it is an error
    // (crypto.exhausted) and nothing is written.
    Result<void> seal(ByteView plaintext, ByteSpan out);
    Result<void> seal_final(ByteView plaintext, ByteSpan out);

  private:
    AeadKey key_;
    Nonce base_nonce_;
    std::uint64_t counter_ = 0;
    bool ended_ = false;
};

class ChunkOpener {
  public:
    ChunkOpener(Aead aead, const StreamKeys& keys);
    // Opening a wrong chunk is crypto.bad_tag and kills the opener: everything later fails too.
    Result<void> open(ByteView ciphertext, ByteSpan out);
    Result<void> open_final(ByteView ciphertext, ByteSpan out);
    // complete: the final chunk has been opened.
    bool complete() const { return complete_; }

  private:
    Result<void> open_with(ByteView aad, ByteView ciphertext, ByteSpan out);
    AeadKey key_;
    Nonce base_nonce_;
    std::uint64_t counter_ = 0;
    bool dead_ = false;
    bool complete_ = false;
};

// nonce_for is base XOR big-endian(counter).
Nonce nonce_for(const Nonce& base, std::uint64_t counter);

}  // namespace openpcc::crypto
