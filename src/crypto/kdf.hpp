// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.hpp"
#include "core/secret.hpp"
#include "crypto/hash.hpp"

namespace openpcc::crypto {

// HMAC (RFC 2104) over parts; the key may be secret or public.
SecretBytes hmac(Hash hash, ByteView key, std::initializer_list<ByteView> parts);

// HKDF (RFC 5869). An empty salt is a key of zero bytes. `length` is at most 255 digests (asserted).
SecretBytes hkdf_extract(Hash hash, ByteView salt, ByteView ikm);
SecretBytes hkdf_extract(Hash hash, ByteView salt, std::initializer_list<ByteView> ikm);
SecretBytes hkdf_expand(Hash hash, const SecretBytes& prk, ByteView info, std::size_t length);
SecretBytes hkdf_expand(Hash hash, ByteView prk, ByteView info, std::size_t length);
SecretBytes hkdf_expand(Hash hash, ByteView prk, std::initializer_list<ByteView> info, std::size_t length);

}  // namespace openpcc::crypto
