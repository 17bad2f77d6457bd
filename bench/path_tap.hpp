// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "io/net/endpoint.hpp"

namespace openpcc::bench {

// Tap stands before an endpoint of this machine (127.0.0.1 or a UNIX socket) and counts the bytes that pass. Its
// threads run until the process ends, and it costs time: nothing is timed through it.
class Tap {
  public:
    explicit Tap(const net::Endpoint& behind);
    const net::Endpoint& endpoint() const { return endpoint_; }
    std::uint64_t up() const { return counts_->up; }      // towards the endpoint
    std::uint64_t down() const { return counts_->down; }  // from it

  private:
    struct Counts {
        std::atomic<std::uint64_t> up, down;
    };
    net::Endpoint endpoint_;
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace openpcc::bench
