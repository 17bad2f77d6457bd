// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <vector>

#include "io/net/endpoint.hpp"
#include "io/net/loop.hpp"

namespace openpcc::net {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// literal_address is the address that an endpoint spells out (a UNIX path, an IPv4 or IPv6 address), without asking
// anybody; net.bad_endpoint for a name.
Result<Address> literal_address(const Endpoint& endpoint);
// resolve asks the system's resolver for names; at least one address, in its order of preference.
Task<Result<std::vector<Address>>> resolve(Loop& loop, const Endpoint& endpoint, Deadline deadline);

}  // namespace openpcc::net
