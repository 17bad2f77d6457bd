// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "trust/verify/verify.hpp"

namespace openpcc::client {

// ServiceCollateral joins the collateral that a client brings along with what the service offers: one file for all
// clients, fetched inside the outer layer, so that no vendor learns who asks about which platform. The service is not
// trusted with it: what displaces or joins the client's own carries its vendor's signature. It can keep what is new to
// itself, and then what is there grows old.
class ServiceCollateral {
  public:
    ServiceCollateral(collateral::Collection own, verify::Roots roots);

    // take reads the file of that name; false when it is the one that was taken last. client.bad_collateral: it is
    // another file, or none at all; nothing changes. A file is fetched whether it is known or not: a client that asks
    // only for new ones would tell by that which ones it has had.
    Result<bool> take(const Digest256& name, ByteView file);
    // signed_now is everything that is known, its signatures checked.
    verify::SignedCollateral signed_now() const;

  private:
    verify::Roots roots_;
    collateral::Collection known_;
    std::vector<Bytes> strangers_;  // of the file that was taken last, and forgotten with it
    std::optional<Digest256> taken_;
};

}  // namespace openpcc::client
