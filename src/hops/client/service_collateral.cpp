// SPDX-License-Identifier: Apache-2.0
#include "hops/client/service_collateral.hpp"

#include <utility>

#include "hops/client/errors.hpp"
#include "trust/collateral/merge.hpp"
#include "trust/verify/offered.hpp"

namespace openpcc::client {

ServiceCollateral::ServiceCollateral(collateral::Collection own, verify::Roots roots)
    : roots_(std::move(roots)), known_(std::move(own)) {}

Result<bool> ServiceCollateral::take(const Digest256& name, ByteView file) {
    if (collateral::name_of(file) != name) return fail(kBadCollateral, "another file than the directory names");
    if (taken_ == name) return false;
    const auto read = collateral::Collection::parse(file);
    if (!read) return fail(kBadCollateral, read.error().describe());
    verify::Offered offered = verify::sort_offered(read->claimed(), roots_);
    known_ = collateral::merge(known_, offered.vouched);
    strangers_ = std::move(offered.strangers);
    taken_ = name;
    return true;
}

verify::SignedCollateral ServiceCollateral::signed_now() const {
    collateral::Collection all = known_;
    all.tdx.crls.insert(all.tdx.crls.end(), strangers_.begin(), strangers_.end());
    return verify::sign_checked(all, roots_);
}

}  // namespace openpcc::client
