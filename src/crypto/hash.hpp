// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/bytes.hpp"

namespace openpcc::crypto {

enum class Hash { kSha256, kSha384, kSha512 };

std::size_t digest_size(Hash hash);

// hash digests the parts one after another (no lengths between them).
Bytes digest(Hash hash, std::initializer_list<ByteView> parts);
Digest256 sha256(std::initializer_list<ByteView> parts);
inline Digest256 sha256(ByteView bytes) { return sha256({bytes}); }
ByteArray<48> sha384(ByteView bytes);
ByteArray<64> sha512(std::initializer_list<ByteView> parts);

// Hasher digests a stream with SHA-256. Movable, one owner; `finish` may be called once.
class Sha256Stream {
  public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(Sha256Stream&&) noexcept;
    Sha256Stream& operator=(Sha256Stream&&) noexcept;

    void update(ByteView bytes);
    Digest256 finish() &&;

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace openpcc::crypto
