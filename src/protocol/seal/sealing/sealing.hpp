// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/random.hpp"
#include "protocol/seal/stream.hpp"

// The client's half of the seal: seals requests, opens answers.
namespace openpcc::seal {

struct Candidate {
    KeyConfig key;
    StatementName statement;
};

// choose_suite picks what all candidates can open: X-Wing before X25519 before P-256, AES-256-GCM before
// ChaCha20-Poly1305 before AES-128-GCM. It depends on the candidates' keys only, so that all clients choose alike.
// seal.bad_suite when there is none.
Result<hpke::Suite> choose_suite(const std::vector<std::vector<KeyConfig>>& keys_of_candidates);

struct Options {
    hpke::Suite suite;
    SnapshotHash snapshot;
    CellMode cell_mode = CellMode::kOff;
    std::uint8_t size_class = 0;
};

class ResponseOpener;

// RequestSealer is an envelope: all public-key work is done when it is made and nothing in it depends on the request, so
// it can be made ahead. Single use.
class RequestSealer {
  public:
    // make: 1..kMaxCandidates candidates with different keys of the suite's KEM (seal.malformed, seal.bad_suite).
    static Result<RequestSealer> make(const std::vector<Candidate>& candidates, const Options& options, Random& random);

    const Bytes& header() const;
    // data appends sealed chunks to `out`.
    Result<void> data(ByteView plaintext, Bytes& out);
    Result<void> padding(std::size_t size, Bytes& out);
    // end appends the final chunk and gives the only object that can open the answer.
    Result<ResponseOpener> end(ByteView last_data, Bytes& out) &&;

    RequestSealer(RequestSealer&&) noexcept;
    RequestSealer& operator=(RequestSealer&&) noexcept;
    ~RequestSealer();

    struct State;
    explicit RequestSealer(std::unique_ptr<State> state);

  private:
    std::unique_ptr<State> state_;
};

// ResponseOpener opens the answer of whichever candidate gave it: the first chunk tells which. After an error it only
// repeats it.
class ResponseOpener {
  public:
    Result<void> update(ByteView bytes, RecordSink& sink);
    // finish: the carrier has ended in order. seal.truncated unless the end record was in a final chunk.
    Result<void> finish(RecordSink& sink);
    bool complete() const;
    // answered_by is the index of the candidate, known with the first chunk.
    std::optional<std::size_t> answered_by() const;

    ResponseOpener(ResponseOpener&&) noexcept;
    ResponseOpener& operator=(ResponseOpener&&) noexcept;
    ~ResponseOpener();

    struct State;
    explicit ResponseOpener(std::unique_ptr<State> state);

  private:
    std::unique_ptr<State> state_;
};

}  // namespace openpcc::seal
