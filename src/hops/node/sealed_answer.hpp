// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/plaintext.hpp"
#include "io/http/server.hpp"
#include "protocol/seal/opening/opening.hpp"

namespace openpcc::node {

// SealedAnswer writes an answer: Binary HTTP in data records in sealed chunks, one chunk and one write for what is ready
// at once, then the end record.
class SealedAnswer {
  public:
    SealedAnswer(http::Exchange& exchange, seal::ResponseSealer sealer, seal::CellMode cell_mode)
        : exchange_(exchange), sealer_(std::move(sealer)), cell_mode_(cell_mode) {}

    net::Task<Result<void>> begin(http::ResponseHead head);
    // content seals and sends what is in `text`, and clears it.
    net::Task<Result<void>> content(Plaintext& text);
    net::Task<Result<void>> end(seal::Outcome outcome);
    // whole is an answer that is there already; `text` holds no user's words.
    net::Task<Result<void>> whole(http::ResponseHead head, std::string text);

  private:
    http::Exchange& exchange_;
    seal::ResponseSealer sealer_;
    seal::CellMode cell_mode_;
    Plaintext framed_;  // reused
    Bytes wire_;        // reused
};

}  // namespace openpcc::node
