// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/random.hpp"
#include "hops/gateway/key_ring.hpp"
#include "hops/gateway/node_pool.hpp"
#include "io/http/server.hpp"
#include "io/obs/refusals.hpp"
#include "protocol/bhttp/bhttp.hpp"

namespace openpcc::gateway {

struct Limits {
    std::uint64_t content_bytes = 2 << 20;  // of one inner request
};

// OfferedCollateral is the file of collateral that all clients are offered (docs/reference/collateral.md), by its
// content's name; the gateway understands neither. Both are nothing where the operator keeps none.
struct OfferedCollateral {
    std::string name;  // 64 hex digits
    std::shared_ptr<const std::string> file;
};
using CollateralOffer = std::function<OfferedCollateral()>;

// Gateway opens the outer layer (Chunked Oblivious HTTP), routes by what is inside, and seals the answer back. It never
// holds a prompt: what it forwards stays sealed to the nodes. Paths inside: GET /directory, GET /collateral/<name>,
// POST /evidence/<statement>, POST /sealed.
class Gateway {
  public:
    Gateway(KeyRing& keys, NodePool& pool, Limits limits, Random& random, obs::Refusals& refusals,
            CollateralOffer collateral = [] { return OfferedCollateral(); })
        : keys_(keys),
          pool_(pool),
          limits_(limits),
          random_(random),
          refusals_(refusals),
          collateral_(std::move(collateral)) {}
    net::Task<void> serve(http::Exchange& exchange);

  private:
    net::Task<Result<void>> serve_oblivious(http::Exchange& exchange);

    KeyRing& keys_;
    NodePool& pool_;
    Limits limits_;
    Random& random_;
    obs::Refusals& refusals_;
    CollateralOffer collateral_;
};

}  // namespace openpcc::gateway
