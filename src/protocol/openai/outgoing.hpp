// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"

namespace openpcc::openai {

// Outgoing is a caller's request as it may leave the caller's machine.
struct Outgoing {
    std::string path;
    Plaintext body;
    bool streams = false;
};

// prepare judges a request by the node's own rules (request.hpp) before anything is sent, so that what the node would
// refuse is refused here, and writes it anew without the members that say who the caller is (Treatment::kDropped).
// Which model there is, and the node's own limits below `limit`, are the node's to judge. Errors are those of admit.
Result<Outgoing> prepare(std::string_view method, std::string_view path, ByteView body, std::size_t limit,
                         Random& random);

}  // namespace openpcc::openai
