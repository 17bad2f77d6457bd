// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "crypto/keys.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

namespace {

// The AlgorithmIdentifiers that have a scheme of ours: RFC 5758 section 3.2, RFC 8410 section 3, RFC 4055 sections 3.1
// and 5. Those of RSASSA-PSS are written with and without the default trailerField.
struct Algorithm {
    crypto::Scheme scheme;
    std::string_view der;
};
constexpr Algorithm kAlgorithms[] = {
    {crypto::Scheme::kEcdsaP256Sha256Der, {"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12}},
    {crypto::Scheme::kEcdsaP384Sha384Der, {"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03", 12}},
    {crypto::Scheme::kEd25519, {"\x30\x05\x06\x03\x2b\x65\x70", 7}},
    {crypto::Scheme::kRsaPkcs1Sha256, {"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15}},
    {crypto::Scheme::kRsaPssSha384,
     {"\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03"
      "\x04\x02\x02\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d\x06\x09\x60\x86\x48"
      "\x01\x65\x03\x04\x02\x02\x05\x00\xa2\x03\x02\x01\x30",
      67}},
    {crypto::Scheme::kRsaPssSha384,
     {"\x30\x46\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x39\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03"
      "\x04\x02\x02\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d\x06\x09\x60\x86\x48"
      "\x01\x65\x03\x04\x02\x02\x05\x00\xa2\x03\x02\x01\x30\xa3\x03\x02\x01\x01",
      72}},
};

}  // namespace

std::optional<crypto::Scheme> scheme_of(ByteView algorithm, const crypto::VerifyingKey& key) {
    for (const Algorithm& known : kAlgorithms)
        if (equal(algorithm, as_bytes(known.der)) && crypto::fits(known.scheme, key.handle().type)) return known.scheme;
    return std::nullopt;
}

}  // namespace openpcc::x509
