// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/http/client.hpp"
#include "io/http/server.hpp"
#include "io/net/loop.hpp"
#include "io/obs/refusals.hpp"

// The relay hides who asks (RFC 9458 section 6.2): it sees an address and ciphertext, and forwards to its one gateway
// nothing but the ciphertext. It links no protocol code: what it carries are bytes to it.
namespace openpcc::relay {

struct Limits {
    std::uint64_t request_bytes = 4 << 20;
    std::uint64_t response_bytes = 64 << 20;
};

class Relay {
  public:
    Relay(std::unique_ptr<http::Client> gateway, Limits limits, obs::Refusals& refusals)
        : gateway_(std::move(gateway)), limits_(limits), refusals_(refusals) {}
    net::Task<void> serve(http::Exchange& exchange);

  private:
    net::Task<Result<void>> forward(http::Exchange& exchange, http::RequestHead head, std::string_view answer_type);
    net::Task<Result<void>> carry_answer(http::Exchange& exchange, http::Call& call, std::string_view answer_type);

    std::unique_ptr<http::Client> gateway_;
    Limits limits_;
    obs::Refusals& refusals_;
};

}  // namespace openpcc::relay
