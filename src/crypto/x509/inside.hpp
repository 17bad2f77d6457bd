// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.hpp"
#include "crypto/x509/list_parts.hpp"
#include "crypto/x509/parts.hpp"
#include "crypto/x509/x509.hpp"

// The inside of crypto/x509.
namespace openpcc::x509 {

using X509Ptr = std::unique_ptr<X509, crypto::Freed<X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, crypto::Freed<X509_CRL_free>>;

// Parts are views into `der`, which stays where it is.
struct Certificate::Handle {
    Bytes der;
    Parts parts;
    crypto::VerifyingKey key;
};

struct Crl::Handle {
    Bytes der;
    ListParts parts;
};

// common_name is the last CN of a name in UTF-8, empty when there is none.
std::string common_name(const X509_NAME* name);
// strong_algorithm: Ed25519, or ECDSA or RSA with SHA-256, SHA-384 or SHA-512. Others sign nothing here.
bool strong_algorithm(const X509_ALGOR* algorithm);
// scheme_of is the scheme of an AlgorithmIdentifier, where it has one of ours that goes with the key. Others, if
// strong, are left to OpenSSL.
std::optional<crypto::Scheme> scheme_of(ByteView algorithm, const crypto::VerifyingKey& key);
// pem_blocks reads one to `limit` blocks of that label; between and around them only white space, at the end one NUL.
Result<std::vector<Bytes>> pem_blocks(ByteView pem, std::string_view label, std::size_t limit);

}  // namespace openpcc::x509
