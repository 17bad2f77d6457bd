// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/net/socket.hpp"
#include "io/net/stream.hpp"

namespace openpcc::net {

// make_plain_stream is TCP or a UNIX socket without anything on top.
std::unique_ptr<Stream> make_plain_stream(std::shared_ptr<Socket> socket);

}  // namespace openpcc::net
