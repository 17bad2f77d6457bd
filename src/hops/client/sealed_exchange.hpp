// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hops/client/session.hpp"

namespace openpcc::client {

// exchange_sealed seals one request, sends it through the outer layer, opens the answer and feeds it to the sink.
// client.key_gone: no candidate holds its key any more, and nothing reached the sink. client.truncated: the answer stopped
// before its authenticated end. client.engine_failed: it is whole, and the node says that its engine failed in it.
// client.unreadable: it was not sealed by a candidate for this very request.
net::Task<Result<Receipt>> exchange_sealed(Oblivious& oblivious, seal::RequestSealer sealer,
                                           const std::vector<seal::Candidate>& candidates, const http::RequestHead& head,
                                           const Plaintext& body, AnswerSink& sink);

}  // namespace openpcc::client
