// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "apps/libopenpcc/awaited.hpp"
#include "hops/client/session.hpp"
#include "io/net/event.hpp"

namespace openpcc::library {

// Answer is one answer on its way from a session's thread to its readers. It holds one piece at a time: the session's
// thread goes on when that was read.
class Answer final : public Awaited, public std::enable_shared_from_this<Answer> {
  public:
    explicit Answer(net::Loop& loop) : loop_(loop) {}

    // For readers, on any thread. Nothing: not yet, after the wait.
    //   net.cancelled  the caller has stopped it; otherwise the error that the request ended with
    Result<std::optional<std::uint16_t>> status(std::optional<Milliseconds> wait);
    // read gives 0 at the authenticated end alone.
    Result<std::optional<std::size_t>> read(ByteSpan out, std::optional<Milliseconds> wait);
    // answered_by stays as it is once it is not empty; null before the end.
    const std::string* answered_by() const;
    void cancel() override;

    // For the session's thread.
    void begin() { was_read_.emplace(loop_); }
    void head(std::uint16_t status);
    // hand_over waits until the piece was read.
    net::Task<Result<void>> hand_over(Plaintext piece);
    void end(Result<client::Receipt> outcome);

  private:
    bool wholly_read() const { return outcome_ && piece_.empty(); }

    net::Loop& loop_;
    std::optional<net::Event> was_read_;  // of the session's thread alone

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<std::uint16_t> status_;
    Plaintext piece_;
    std::size_t read_ = 0;  // of the piece
    bool cancelled_ = false;
    std::optional<Result<client::Receipt>> outcome_;
};

// Delivery is the sink that fills an answer.
class Delivery final : public client::AnswerSink {
  public:
    explicit Delivery(Answer& answer) : answer_(answer) {}
    Result<void> head(const http::ResponseHead& head) override;
    Result<void> content(ByteView text) override;
    net::Task<Result<void>> taken() override;

  private:
    Answer& answer_;
    Plaintext waiting_;
};

}  // namespace openpcc::library
