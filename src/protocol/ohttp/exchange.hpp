// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "crypto/chunked_aead.hpp"
#include "crypto/hpke/hpke.hpp"
#include "protocol/ohttp/key_config.hpp"

// What the one-shot form (RFC 9458) and the chunked form (draft-ietf-ohai-chunked-ohttp-08) share: the request header
// and the key derivations. They differ in their labels, so that one key can serve both without cross-decryption.
namespace openpcc::ohttp {

// Which pair of labels. The one-shot form serves vectors and interop.
enum class Form { kOneShot, kChunked };

// RequestHeader is the clear part that names the key and the algorithms (RFC 9458 section 4.1).
struct RequestHeader {
    static constexpr std::size_t kSize = 7;

    std::uint8_t key_id = 0;
    hpke::Suite suite;

    Bytes encode() const;
    static RequestHeader parse(const ByteArray<kSize>& bytes);
    // info is what the HPKE context is bound to (section 4.3).
    Bytes info(Form form) const;
};

// ResponseSecret is what a request leaves on both sides: enough to open, or to seal, its one answer (RFC 9458
// section 4.4).
struct ResponseSecret {
    SymmetricSuite suite;
    Bytes enc;
    SecretBytes secret;

    std::size_t nonce_size() const;  // max(Nn, Nk)
    // keys derives the answer's key and nonce; the nonce's size must be nonce_size() (asserted). The hash is the
    // suite's.
    crypto::StreamKeys keys(ByteView response_nonce) const;

    // from exports the secret out of either side's HPKE context.
    template <class Context>
    static ResponseSecret from(Form form, const Context& context, const SymmetricSuite& suite, Bytes enc) {
        ResponseSecret out{.suite = suite, .enc = std::move(enc), .secret = {}};
        out.secret = context.export_secret(label(form), out.nonce_size());
        return out;
    }

    // label is the exporter context.
    static ByteView label(Form form);
};

// Outgoing is a request that has been set up and not yet sealed.
struct Outgoing {
    Bytes header;  // with enc: what goes first
    SymmetricSuite suite;
    Bytes enc;
    hpke::SenderContext context;
};
// The suite must be offered by the configuration (ohttp.bad_suite).
Result<Outgoing> start_request(Form form, const KeyConfig& config, const SymmetricSuite& suite, Random& random);
Result<Outgoing> start_request_with(Form form, const KeyConfig& config, const SymmetricSuite& suite,
                                    ByteView ephemeral);

}  // namespace openpcc::ohttp
