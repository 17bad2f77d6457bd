// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "crypto/hpke/hpke.hpp"
#include "protocol/ohttp/exchange.hpp"
#include "protocol/ohttp/key_config.hpp"

// Chunked Oblivious HTTP (draft-ietf-ohai-chunked-ohttp-08). The codec carries bytes and does not know what they mean.
// All four objects are single-owner state machines: after an error they only repeat it. Every split of a stream gives
// the same plaintext and the same error. An opener holds at most one chunk, sealed, and the same chunk, opened.
//
// Chunks are at most kMaxChunk plaintext bytes, the final one too; a longer one is ohttp.too_large, as soon as its
// length is in, or for the final chunk as soon as too many bytes are.
namespace openpcc::ohttp {

inline constexpr std::string_view kChunkedRequestType = "message/ohttp-chunked-req";
inline constexpr std::string_view kChunkedResponseType = "message/ohttp-chunked-res";
inline constexpr std::size_t kMaxChunk = 16384;  // what receivers must take and senders keep to

// --- client ---
class ResponseOpener;

// RequestSealer makes one encapsulated request: header(), then what the two seals append.
class RequestSealer {
  public:
    // A suite that the configuration does not offer is ohttp.bad_suite.
    static Result<RequestSealer> make(const KeyConfig& config, SymmetricSuite suite, Random& random);
    static Result<RequestSealer> make_with(const KeyConfig& config, SymmetricSuite suite,
                                           ByteView ephemeral);  // vectors

    // header is what goes first: key id, suite, enc.
    const Bytes& header() const;
    // seal appends one non-final chunk with its length to `out`; 1..kMaxChunk bytes (ohttp.too_large,
    // ohttp.empty_chunk). After an error `out` is as it was, and the next chunk may be tried.
    Result<void> seal(ByteView plaintext, Bytes& out);
    // seal_final appends the final chunk (possibly empty) and gives the only object that can open the answer.
    Result<ResponseOpener> seal_final(ByteView plaintext, Bytes& out) &&;

    RequestSealer(RequestSealer&&) noexcept;
    RequestSealer& operator=(RequestSealer&&) noexcept;
    ~RequestSealer();
    struct State;
    explicit RequestSealer(std::unique_ptr<State> state);

  private:
    std::unique_ptr<State> state_;
};

// Receives authenticated plaintext as it is opened, never empty; the view is wiped after the call. A returned error
// kills the opener.
using Deliver = std::function<Result<void>(ByteView)>;

class ResponseOpener {
  public:
    // For vectors, which give no private key: from what the request left.
    explicit ResponseOpener(ResponseSecret secret);

    // update takes bytes as they come and delivers each chunk as soon as it is authenticated.
    Result<void> update(ByteView bytes, const Deliver& deliver);
    // finish: the carrier has ended in order. Only now can the final chunk be opened; without one it is
    // ohttp.truncated.
    Result<void> finish(const Deliver& deliver);
    bool complete() const;

    ResponseOpener(ResponseOpener&&) noexcept;
    ResponseOpener& operator=(ResponseOpener&&) noexcept;
    ~ResponseOpener();
    struct State;

  private:
    std::unique_ptr<State> state_;
};

// --- gateway ---

// A gateway's key with the configuration that it was published in.
struct GatewayKey {
    KeyConfig config;
    hpke::PrivateKey key;
};

// KeySource finds a private key by id; what it returns must outlive the call that asked. It must outlive the openers.
class KeySource {
  public:
    virtual ~KeySource() = default;
    virtual const GatewayKey* find(std::uint8_t key_id) const = 0;
    // admit is asked once per request, after the header is in and the key is known and before any public-key work, with
    // the enc that identifies it: false refuses it as ohttp.replayed.
    virtual bool admit(std::uint8_t key_id, ByteView enc) = 0;
};

class ResponseSealer;

// RequestOpener opens one encapsulated request. The key must be known and its suite offered as soon as the first seven
// bytes are in (ohttp.unknown_key, ohttp.bad_suite). Empty non-final chunks are ohttp.empty_chunk, handled like a
// failed open.
class RequestOpener {
  public:
    explicit RequestOpener(KeySource& keys);
    Result<void> update(ByteView bytes, const Deliver& deliver);
    Result<void> finish(const Deliver& deliver);
    bool complete() const;
    // decrypted: at least one chunk has been authenticated, so errors from here on travel inside (RFC 9458
    // section 5.2).
    bool decrypted() const;
    // respond gives the sealer of the answer; possible once the header with enc is in (ohttp.truncated before), also
    // after an error that came later. May be called once.
    Result<ResponseSealer> respond(Random& random);
    Result<ResponseSealer> respond_with(ByteView response_nonce);  // vectors

    RequestOpener(RequestOpener&&) noexcept;
    RequestOpener& operator=(RequestOpener&&) noexcept;
    ~RequestOpener();
    struct State;

  private:
    std::unique_ptr<State> state_;
};

// ResponseSealer makes the answer: header(), then what the two seals append. Errors as for RequestSealer; after the
// final chunk everything is crypto.exhausted.
class ResponseSealer {
  public:
    const Bytes& header() const;  // the response nonce
    Result<void> seal(ByteView plaintext, Bytes& out);
    Result<void> seal_final(ByteView plaintext, Bytes& out);

    ResponseSealer(ResponseSealer&&) noexcept;
    ResponseSealer& operator=(ResponseSealer&&) noexcept;
    ~ResponseSealer();
    struct State;
    explicit ResponseSealer(std::unique_ptr<State> state);

  private:
    std::unique_ptr<State> state_;
};

}  // namespace openpcc::ohttp
