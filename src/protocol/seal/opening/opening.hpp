// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/random.hpp"
#include "protocol/seal/stream.hpp"

// The node's half of the seal: unwraps (the keeper), opens requests and seals answers (a worker).
namespace openpcc::seal {

struct Unwrapped {
    RequestSecret request;
    ResponseSecret response;
};

// unwrap is the keeper's step: the one use of the node's private key. seal.open_failed says no more than that.
Result<Unwrapped> unwrap(const ReducedHeader& header, const hpke::PrivateKey& key, const StatementName& statement);

class ResponseSealer;

// RequestOpener opens the chunks that follow a reduced header. After an error it only repeats it.
class RequestOpener {
  public:
    RequestOpener(const ReducedHeader& header, Unwrapped unwrapped);
    Result<void> update(ByteView bytes, RecordSink& sink);
    // finish: the carrier has ended in order. seal.truncated unless the end record was in a final chunk.
    Result<void> finish(RecordSink& sink);
    bool complete() const;
    // respond: only a request that has been opened to its end has an answer (asserted): the answer's keys hang on all of
    // it. (spec seal-5.5)
    ResponseSealer respond(Random& random) &&;

    RequestOpener(RequestOpener&&) noexcept;
    RequestOpener& operator=(RequestOpener&&) noexcept;
    ~RequestOpener();
    struct State;

  private:
    std::unique_ptr<State> state_;
};

class ResponseSealer {
  public:
    // header is what goes first: the response nonce.
    const ResponseNonce& header() const { return nonce_; }
    Result<void> data(ByteView plaintext, Bytes& out) { return writer_.data(plaintext, out); }
    Result<void> padding(std::size_t size, Bytes& out) { return writer_.padding(size, out); }
    Result<void> end(const End& end, Bytes& out) { return writer_.end({}, end.encode(), out); }

  private:
    friend class RequestOpener;
    ResponseSealer(crypto::Aead aead, const crypto::StreamKeys& keys, const ResponseNonce& nonce)
        : nonce_(nonce), writer_(aead, keys) {}
    ResponseNonce nonce_;
    StreamWriter writer_;
};

}  // namespace openpcc::seal
