// SPDX-License-Identifier: Apache-2.0
#include "apps/libopenpcc/runner.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "apps/console/console.hpp"
#include "io/net/connect.hpp"

namespace openpcc::library {

namespace {

// NoSignals keeps signals from a thread that starts while it lives: they are the host's, and its handlers run on the
// host's threads.
class NoSignals {
  public:
    NoSignals() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    NoSignals(const NoSignals&) = delete;
    NoSignals& operator=(const NoSignals&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

struct Runner::Asked {
    http::RequestHead head;
    Plaintext body;
    std::shared_ptr<Answer> answer;
};

Runner::Runner(client::Profile profile)
    : session_(loop_, std::move(profile), random_, cli::wall_clock), changed_(loop_) {}

std::shared_ptr<Runner> Runner::start(client::Profile profile) {
    std::shared_ptr<Runner> out(new Runner(std::move(profile)));
    const NoSignals no_signals;
    out->thread_ = std::thread([runner = out.get()] { runner->loop_.run_until_done(runner->live()); });
    return out;
}

Runner::~Runner() {
    stop();
    join();
}

void Runner::join() {
    std::thread thread;
    {
        const std::scoped_lock lock(mutex_);
        std::swap(thread, thread_);
    }
    if (thread.joinable()) thread.join();
}

void Runner::stop() {
    std::vector<std::weak_ptr<Awaited>> all;
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(stopped_, true)) return;
        std::swap(all, awaited_);
    }
    // Whoever waits is told here, whatever the thread is doing.
    for (const auto& weak : all)
        if (const auto one = weak.lock()) one->cancel();
    loop_.post([this] {
        stopping_ = true;
        changed_.notify();
    });
}

// false: the session was stopped.
bool Runner::expect(const std::shared_ptr<Awaited>& awaited) {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return false;
    std::erase_if(awaited_, [](const auto& weak) { return weak.expired(); });
    awaited_.push_back(awaited);
    return true;
}

std::shared_ptr<Answer> Runner::ask(http::RequestHead head, Plaintext body) {
    auto answer = std::make_shared<Answer>(loop_);
    if (!expect(answer)) {
        answer->cancel();
        return answer;
    }
    auto asked = std::make_shared<Asked>(Asked{std::move(head), std::move(body), answer});
    loop_.post([this, asked] { begin(asked->answer, carry(asked)); });
    return answer;
}

std::shared_ptr<Judgement> Runner::judge() {
    {
        const std::scoped_lock lock(mutex_);
        if (judgement_ && !judgement_->stale()) return judgement_;
    }
    auto judgement = std::make_shared<Judgement>();
    if (!expect(judgement)) {
        judgement->cancel();
        return judgement;
    }
    {
        const std::scoped_lock lock(mutex_);
        judgement_ = judgement;
    }
    loop_.post([this, judgement] { begin(judgement, verify(judgement)); });
    return judgement;
}

void Runner::took(const std::shared_ptr<Judgement>& judgement) {
    const std::scoped_lock lock(mutex_);
    if (judgement_ == judgement) judgement_.reset();
}

void Runner::cancel(const std::shared_ptr<Answer>& answer) {
    answer->cancel();
    loop_.post([this, answer] {
        const auto found = working_.find(answer.get());
        if (found != working_.end()) found->second->cancel();
    });
}

// The thread's life: until it is told to stop, and all that it was doing has ended.
net::Task<void> Runner::live() {
    while (!stopping_) (void)co_await changed_.wait(net::Deadline::max());
    for (const auto& [_, child] : working_) child->cancel();
    while (!working_.empty()) (void)co_await changed_.wait(net::Deadline::max());
}

// What is begun can be cancelled from the next turn on.
void Runner::begin(const std::shared_ptr<Awaited>& awaited, net::Task<void> work) {
    if (stopping_) return;
    working_.emplace(awaited.get(), net::spawn_child(loop_, std::move(work)));
    loop_.spawn(tend(awaited));
}

net::Task<void> Runner::tend(std::shared_ptr<Awaited> awaited) {
    const auto child = working_.at(awaited.get());
    co_await child->done();
    working_.erase(awaited.get());
    changed_.notify();
}

net::Task<void> Runner::carry(std::shared_ptr<Asked> asked) {
    asked->answer->begin();
    Delivery delivery(*asked->answer);
    auto receipt = co_await session_.ask(asked->head, asked->body, delivery);
    // What comes last has no other call after it, and is genuine even when the rest is missing.
    if (const auto taken = co_await delivery.taken(); !taken) receipt = std::unexpected(taken.error());
    asked->answer->end(std::move(receipt));
}

net::Task<void> Runner::verify(std::shared_ptr<Judgement> judgement) {
    auto outcome = co_await session_.judge_nodes();
    judgement->end(std::move(outcome));
}

}  // namespace openpcc::library
