// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/openpcc/choice.hpp"
#include "core/plaintext.hpp"
#include "hops/client/session.hpp"

namespace openpcc::cli {

struct ChatOptions {
    ServiceChoice choice;
    std::string prompt;  // empty: read from standard input
    std::string model = "demo";
    std::optional<std::string> system;
    std::optional<double> temperature;
    std::optional<std::int64_t> max_tokens;
    bool json = false;
};

// chat_body writes the API request; it always streams.
Plaintext chat_body(const ChatOptions& options);

// ChatAnswer reads the streamed answer of a chat: it prints text as it comes (unless quiet) and keeps what --json needs.
class ChatAnswer final : public client::AnswerSink {
  public:
    explicit ChatAnswer(bool print);
    ~ChatAnswer() override;
    Result<void> head(const http::ResponseHead& head) override;
    Result<void> content(ByteView text) override;

    const Plaintext& text() const;
    std::string finish_reason() const;
    // refusal is the API's own error, when the node refused the request.
    std::optional<Error> refusal() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// summary is one line about all nodes: what a person reads before the answer.
std::string summary(const std::vector<client::JudgedNode>& nodes);

int chat(const ChatOptions& options);

}  // namespace openpcc::cli
