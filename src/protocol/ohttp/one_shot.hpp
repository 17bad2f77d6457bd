// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "protocol/ohttp/chunked.hpp"

// Oblivious HTTP with whole messages (RFC 9458), both roles. Vectors and interop use it; the product's path is chunked
// and never falls back to this form.
namespace openpcc::ohttp {

inline constexpr std::string_view kRequestType = "message/ohttp-req";
inline constexpr std::string_view kResponseType = "message/ohttp-res";

// --- client ---
struct SealedRequest {
    Bytes message;
    ResponseSecret answer;  // for open_response, once
};
Result<SealedRequest> seal_request(const KeyConfig& config, SymmetricSuite suite, ByteView plaintext, Random& random);
Result<SealedRequest> seal_request_with(const KeyConfig& config, SymmetricSuite suite, ByteView plaintext,
                                        ByteView ephemeral);  // vectors
Result<Plaintext> open_response(ResponseSecret&& answer, ByteView message);

// --- gateway ---
struct OpenedRequest {
    Plaintext plaintext;
    ResponseSecret answer;  // for seal_response, once
};
// open_request: every error comes before anything is decrypted, so it is answered in clear (RFC 9458 section 5.2).
Result<OpenedRequest> open_request(KeySource& keys, ByteView message);
Bytes seal_response(ResponseSecret&& answer, ByteView plaintext, Random& random);
// The nonce's size must be answer.nonce_size() (asserted).
Bytes seal_response_with(ResponseSecret&& answer, ByteView plaintext, ByteView response_nonce);  // vectors

}  // namespace openpcc::ohttp
