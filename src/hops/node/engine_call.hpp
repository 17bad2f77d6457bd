// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>

#include "hops/node/engine_slots.hpp"
#include "io/http/client.hpp"
#include "io/http/errors.hpp"

namespace openpcc::node {

// EngineCalls are the calls in flight of one engine, so that stopping it can end them all. Held by shared pointer: a
// call may outlive the engine.
class EngineCalls {
  public:
    using List = std::list<http::Call*>;
    List::iterator add(http::Call* call) { return list_.insert(list_.end(), call); }
    void remove(List::iterator place) { list_.erase(place); }
    std::uint32_t count() const { return static_cast<std::uint32_t>(list_.size()); }
    void close_all() {
        for (http::Call* call : list_) call->close();
    }

  private:
    List list_;
};

// EngineCall is one request at the engine with the places that it takes there. Only reading is left to do with it.
class EngineCall final : public http::Call {
  public:
    EngineCall(std::shared_ptr<EngineCalls> calls, std::unique_ptr<http::Call> inner, EngineSlots::Place place)
        : calls_(std::move(calls)),
          place_(std::move(place)),
          inner_(std::move(inner)),
          listed_(calls_->add(inner_.get())) {}
    ~EngineCall() override { calls_->remove(listed_); }
    EngineCall(const EngineCall&) = delete;
    EngineCall& operator=(const EngineCall&) = delete;

    http::Call& inner() { return *inner_; }

    net::Task<Result<void>> write(ByteView) override { co_return fail(http::kMisuse); }
    net::Task<Result<void>> finish() override { co_return fail(http::kMisuse); }
    net::Task<Result<http::ResponseHead>> head() override { co_return fail(http::kMisuse); }
    net::Task<Result<std::size_t>> read(ByteSpan into) override { return inner_->read(into); }
    bool reused() const override { return inner_->reused(); }
    bool peer_is_local() const override { return inner_->peer_is_local(); }
    void close() noexcept override { inner_->close(); }

  private:
    // In this order: the connection is closed before its places are given back.
    std::shared_ptr<EngineCalls> calls_;
    EngineSlots::Place place_;
    std::unique_ptr<http::Call> inner_;
    EngineCalls::List::iterator listed_;
};

}  // namespace openpcc::node
