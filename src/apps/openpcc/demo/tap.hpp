// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "io/http/client.hpp"
#include "io/http/server.hpp"

namespace openpcc::demo {

// Tap sits on one hop of the path and plays the attacker there: it sees every message whole, keeps the last request, and
// may change what passes. Messages are small in an attack, so it gathers them.
class Tap {
  public:
    // A message as the tap sees it; an attack changes it in place.
    struct Message {
        std::string method;
        std::string path;
        std::uint16_t status = 0;  // of an answer
        http::Fields fields;
        Bytes content;
    };
    using Change = std::function<void(Message&)>;

    static Result<std::unique_ptr<Tap>> make(net::Loop& loop, const net::Endpoint& listen, const net::Endpoint& target);

    net::Endpoint endpoint() const { return server_->endpoint(); }
    void on_request(Change change) { on_request_ = std::move(change); }
    void on_answer(Change change) { on_answer_ = std::move(change); }
    void pass() {
        on_request_ = {};
        on_answer_ = {};
    }
    // last is the last request for a path, as it passed; replay sends a message again and gives the answer.
    const Message* last(std::string_view path) const;
    net::Task<Result<Message>> replay(const Message& request);

  private:
    Tap() = default;
    net::Task<void> serve(http::Exchange& exchange);
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<http::Client> target_;
    Change on_request_;
    Change on_answer_;
    std::vector<Message> last_;
};

}  // namespace openpcc::demo
