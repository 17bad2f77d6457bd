// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "crypto/signature.hpp"
#include "io/net/endpoint.hpp"
#include "io/net/tls.hpp"
#include "trust/policy/policy.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::client {

// Profile is all that a client must know of a service before it asks.
struct Profile {
    net::Endpoint relay;
    std::shared_ptr<const net::TlsClient> tls;  // for a relay over TLS
    crypto::VerifyingKey service_key;           // signs the gateway's key configurations
    policy::Policy policy;
    verify::Roots roots;
    collateral::Collection collateral;  // what vendors publish about the nodes' platforms; the service may offer more
};

}  // namespace openpcc::client
