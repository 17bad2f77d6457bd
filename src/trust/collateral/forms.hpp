// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "crypto/x509/x509.hpp"

// The small forms that others' collateral comes in.
namespace openpcc::collateral {

inline constexpr std::size_t kMaxCertificates = 8;  // of one PEM text

// pem_of writes certificates in the one form that collections hold: lines of 64 characters.
Bytes pem_of(const std::vector<x509::Certificate>& chain);
// read_chain reads an issuer chain as services and caches give it: PEM, or PEM percent-encoded as in a header field.
Result<std::vector<x509::Certificate>> read_chain(std::string_view text);
// percent_decoded: nullopt for a broken escape. A plus sign is one: this is a header field and not a form.
std::optional<std::string> percent_decoded(std::string_view text);

// read_crl reads DER, PEM, or DER in hex or base64.
Result<x509::Crl> read_crl(ByteView bytes);

// Answer is an HTTP answer as `curl -i` saves it. Only what is looked for is taken from the head: the one field whose
// name ends in "-issuer-chain" (PCS API v4), empty when there is none.
struct Answer {
    std::string_view issuer_chain;
    ByteView content;
};
Result<Answer> read_answer(ByteView bytes);

// SignedPart is what the signature of an answer of Intel's service covers: the inner object, byte for byte.
struct SignedPart {
    std::string_view object;
    std::string_view signature;  // hex
};
std::optional<SignedPart> signed_part(std::string_view answer);

}  // namespace openpcc::collateral
