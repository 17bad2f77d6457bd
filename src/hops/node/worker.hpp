// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/random.hpp"
#include "hops/node/engine.hpp"
#include "hops/node/keeper.hpp"
#include "io/http/server.hpp"
#include "io/obs/refusals.hpp"

namespace openpcc::node {

struct WorkerLimits {
    std::uint64_t sealed_bytes = 2 << 20;                           // of one sealed request
    net::Clock::duration answer_time = std::chrono::minutes(10);    // an answer that takes longer is ended, and says so
};

// Worker serves sealed requests: opens the seal with the keeper's help, checks what is inside, asks the engine, seals
// the answer. Paths: POST /sealed, POST /evidence/<statement>, GET /status, GET /health.
class Worker {
  public:
    Worker(Keeper& keeper, Engine& engine, openai::Dialect dialect, WorkerLimits limits, Random& random,
           std::function<TimePoint()> clock, obs::Refusals& refusals)
        : keeper_(keeper),
          engine_(engine),
          dialect_(std::move(dialect)),
          limits_(limits),
          random_(random),
          clock_(std::move(clock)),
          refusals_(refusals) {}

    net::Task<void> serve(http::Exchange& exchange);

  private:
    net::Task<Result<void>> serve_sealed(http::Exchange& exchange);
    net::Task<Result<void>> serve_evidence(http::Exchange& exchange);
    net::Task<Result<void>> serve_status(http::Exchange& exchange);

    Keeper& keeper_;
    Engine& engine_;
    openai::Dialect dialect_;
    WorkerLimits limits_;
    Random& random_;
    std::function<TimePoint()> clock_;
    obs::Refusals& refusals_;
};

}  // namespace openpcc::node
