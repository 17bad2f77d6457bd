// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace openpcc::net {

// Endpoint says where something listens or connects to, in one text form used by all configuration files:
//   http://127.0.0.1:8080   https://relay.example:443   http://[::1]:9000   unix:/run/openpcc/node.sock
// No path, query, user or fragment; the port is required for a listener and defaults to 80 or 443 otherwise.
struct Endpoint {
    enum class Kind { kTcp, kTls, kUnix };
    Kind kind = Kind::kTcp;
    std::string host;  // a name or an address without brackets; for kUnix the socket's path
    std::uint16_t port = 0;

    static Result<Endpoint> parse(std::string_view text);
    std::string to_text() const;
    // authority is what goes into the Host field ("localhost" for a UNIX socket).
    std::string authority() const;
    // is_local: a UNIX socket, or a literal loopback address (127.0.0.0/8, ::1). A name is not: it may resolve
    // anywhere.
    bool is_local() const;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace openpcc::net
