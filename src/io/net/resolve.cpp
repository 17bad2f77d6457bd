// SPDX-License-Identifier: Apache-2.0
#include "io/net/resolve.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstring>

#include "io/net/asio_await.hpp"
#include "io/net/errors.hpp"
#include "io/net/event.hpp"
#include "io/net/loop_impl.hpp"

namespace openpcc::net {

namespace {

using boost::asio::ip::tcp;

// The system's resolver cannot be interrupted, so its answer arrives here and the waiter may be gone by then.
struct Lookup {
    explicit Lookup(Loop& loop) : resolver(loop.impl().context), arrived(loop) {}
    tcp::resolver resolver;
    Event arrived;
    bool done = false;
    std::vector<Address> addresses;
};

void start(const std::shared_ptr<Lookup>& lookup, const Endpoint& endpoint) {
    lookup->resolver.async_resolve(
        endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
        [lookup](const boost::system::error_code& ec, const tcp::resolver::results_type& results) {
            lookup->done = true;
            if (!ec) {
                for (const auto& entry : results) {
                    Address address;
                    const auto found = entry.endpoint();
                    address.size = static_cast<socklen_t>(found.size());
                    std::memcpy(&address.storage, found.data(), found.size());
                    lookup->addresses.push_back(address);
                }
            }
            lookup->arrived.notify();
        });
}

}  // namespace

Result<Address> literal_address(const Endpoint& endpoint) {
    Address out;
    if (endpoint.kind == Endpoint::Kind::kUnix) {
        auto& address = reinterpret_cast<sockaddr_un&>(out.storage);
        if (endpoint.host.size() >= sizeof address.sun_path)
            return fail(kBadEndpoint, "the path of a socket is too long");
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, endpoint.host.c_str(), endpoint.host.size() + 1);
        out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + endpoint.host.size() + 1);
        return out;
    }
    auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
    if (::inet_pton(AF_INET, endpoint.host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        out.size = sizeof v4;
        return out;
    }
    out = Address();
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
    if (::inet_pton(AF_INET6, endpoint.host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        out.size = sizeof v6;
        return out;
    }
    return fail(kBadEndpoint, "a name, not an address");
}

Task<Result<std::vector<Address>>> resolve(Loop& loop, const Endpoint& endpoint, Deadline deadline) {
    if (auto literal = literal_address(endpoint)) co_return std::vector<Address>(1, *literal);
    const auto lookup = std::make_shared<Lookup>(loop);
    start(lookup, endpoint);
    while (!lookup->done) {
        OPENPCC_CO_CHECK(co_await lookup->arrived.wait(deadline));
    }
    if (lookup->addresses.empty()) co_return fail(kUnreachable, "the name has no address");
    co_return std::move(lookup->addresses);
}

}  // namespace openpcc::net
