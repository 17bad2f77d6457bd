// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/libopenpcc/answer.hpp"
#include "apps/libopenpcc/judgement.hpp"
#include "crypto/random.hpp"
#include "hops/client/session.hpp"
#include "protocol/openai/outgoing.hpp"

namespace openpcc::library {

// Runner is a client's session on a thread of its own, asked from any other.
class Runner {
  public:
    static std::shared_ptr<Runner> start(client::Profile profile);
    // The thread has ended, or is waited for; it never holds the last reference itself.
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    std::shared_ptr<Answer> ask(http::RequestHead head, Plaintext body);
    // judge verifies all nodes, or gives the verification that nobody has taken yet: see `took`.
    std::shared_ptr<Judgement> judge();
    // took: a caller has the outcome, and the next one gets a verification of his own.
    void took(const std::shared_ptr<Judgement>& judgement);
    // cancel ends one request; the engine stops.
    void cancel(const std::shared_ptr<Answer>& answer);

    // stop cancels everything, now and later; join waits for the thread's end.
    void stop();
    void join();

  private:
    explicit Runner(client::Profile profile);
    // What follows happens on the thread.
    struct Asked;
    net::Task<void> live();
    void begin(const std::shared_ptr<Awaited>& awaited, net::Task<void> work);
    net::Task<void> tend(std::shared_ptr<Awaited> awaited);
    net::Task<void> carry(std::shared_ptr<Asked> asked);
    net::Task<void> verify(std::shared_ptr<Judgement> judgement);
    // Up to here.
    bool expect(const std::shared_ptr<Awaited>& awaited);

    crypto::SystemRandom random_;
    net::Loop loop_;
    client::Session session_;
    net::Event changed_;
    bool stopping_ = false;
    std::map<const Awaited*, std::shared_ptr<net::Child>> working_;

    std::mutex mutex_;  // of the rest
    bool stopped_ = false;
    std::vector<std::weak_ptr<Awaited>> awaited_;
    std::shared_ptr<Judgement> judgement_;
    std::thread thread_;
};

}  // namespace openpcc::library
