// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/plaintext.hpp"
#include "crypto/random.hpp"
#include "hops/client/session.hpp"
#include "io/http/client.hpp"
#include "path_stats.hpp"

// The ways to an answer that are compared: the whole path, and the engine alone.
namespace openpcc::bench {

// Shape is one kind of request.
struct Shape {
    std::string name;
    std::size_t prompt_bytes = 2048;
    int tokens = 1;
    int gap_us = 0;  // between two tokens; the stand-in engine obeys
    int streams = 1;
    int repeat = 1;  // requests of each stream in a round, one after the other
};

// body is what the caller says, and what the node makes of it for the engine: both ways ask the engine the same.
Plaintext caller_body(const Shape& shape, std::string_view prompt);
Bytes engine_body(const Plaintext& caller, Random& random);

// Answer is what one request gave.
struct Answer {
    double begun_us = 0;
    double first_us = 0;  // from the beginning to the first token
    double total_us = 0;
    std::size_t tokens = 0;
    std::size_t events = 0;
    Numbers delays;  // of each token since the stand-in engine wrote it; empty with another engine
};

class Way {
  public:
    virtual ~Way() = default;
    virtual net::Task<Result<void>> prepare() { co_return Result<void>{}; }
    // ask: `caller` goes through the path, `engine` straight to the engine.
    virtual net::Task<Result<Answer>> ask(const Plaintext& caller, const Bytes& engine) = 0;
};

// path: the client of a configuration file, or of the same with another relay. The session is made once and stays.
Result<std::unique_ptr<Way>> path_way(net::Loop& loop, const std::string& client_toml, Random& random,
                                      std::optional<net::Endpoint> relay = std::nullopt);
std::unique_ptr<Way> engine_way(net::Loop& loop, const net::Endpoint& engine);
net::Endpoint relay_of(const std::string& client_toml);

}  // namespace openpcc::bench
