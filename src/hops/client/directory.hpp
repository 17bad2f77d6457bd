// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace openpcc::client {

// Directory is what a client takes from the gateway's list (docs/reference/directory.md): names, and nothing that it
// would have to believe.
struct Directory {
    static constexpr std::size_t kMaxNodes = 64;

    std::vector<std::string> statements;  // hex, each once
    std::optional<Digest256> collateral;  // name of the file that the gateway offers

    // client.bad_directory, or why it is no strict JSON.
    static Result<Directory> parse(ByteView bytes);
};

}  // namespace openpcc::client
