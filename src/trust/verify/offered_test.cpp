// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/offered.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "trust/verify/scene.hpp"

namespace openpcc::verify {
namespace {

// The lists of a collection's root and of its PCK CA, in the order that simulated::publish gives them.
constexpr std::size_t kRootList = 0;
constexpr std::size_t kPckList = 1;

TEST(Offered, WhatTheVendorSignedIsVouchedFor) {
    const Scene scene;
    const auto collection = scene.collection();
    const Offered out = sort_offered(collection, scene.roots);
    EXPECT_EQ(out.vouched.tdx.tcb_infos, collection.tdx.tcb_infos);
    EXPECT_EQ(out.vouched.tdx.qe_identities, collection.tdx.qe_identities);
    EXPECT_EQ(out.vouched.tdx.crls, std::vector{collection.tdx.crls[kRootList]});
    EXPECT_EQ(out.strangers, std::vector{collection.tdx.crls[kPckList]});
    EXPECT_EQ(out.dropped, 0U);
}

TEST(Offered, WhatIsChangedIsDropped) {
    const Scene scene;
    auto collection = scene.collection();
    const auto flip = [](Bytes& bytes) { bytes[bytes.size() / 2] ^= 1; };
    flip(collection.tdx.tcb_infos[0].json);
    flip(collection.tdx.qe_identities[0].json);
    flip(collection.tdx.crls[kRootList]);
    collection.snp.crls = {collection.tdx.crls[kPckList]};
    const Offered out = sort_offered(collection, scene.roots);
    EXPECT_TRUE(out.vouched.tdx.tcb_infos.empty());
    EXPECT_TRUE(out.vouched.tdx.qe_identities.empty());
    EXPECT_TRUE(out.vouched.tdx.crls.empty());
    EXPECT_TRUE(out.vouched.snp.crls.empty());
    EXPECT_EQ(out.dropped, 4U);
}

// The same names, and another key: nothing but the list of a CA that nobody knows yet is left.
TEST(Offered, AnotherAuthorityVouchesForNothing) {
    const Scene scene;
    const Scene other;
    const Offered out = sort_offered(other.collection(), scene.roots);
    EXPECT_EQ(out.vouched, collateral::Collection{.fetched = out.vouched.fetched});
    EXPECT_EQ(out.strangers.size(), 1U);
    EXPECT_EQ(out.dropped, 3U);
}

// Intel's CAs are known beforehand, and so is who may sign their lists.
TEST(Offered, IntelsListsAreVouchedFor) {
    const std::filesystem::path real =
        std::filesystem::path(OPENPCC_SOURCE_DIR).parent_path() / "shared/evidence/tdx/automata/2025-07";
    if (!std::filesystem::exists(real)) GTEST_SKIP() << real << " is not there: real lists are NOT tested";
    collateral::Collection collection;
    for (const char* name : {"pck_platform_crl.der", "intel_root_ca_crl.der"}) {
        std::ifstream file(real / name, std::ios::binary);
        collection.tdx.crls.push_back(to_bytes(std::string(std::istreambuf_iterator<char>(file), {})));
    }
    const Offered out = sort_offered(collection, genuine_roots());
    EXPECT_EQ(out.vouched.tdx.crls.size(), 2U);
    EXPECT_TRUE(out.strangers.empty());
}

TEST(Offered, StrangersAreFew) {
    const Scene scene;
    auto collection = scene.collection();
    collection.tdx.crls.assign(100, collection.tdx.crls[kPckList]);
    const Offered out = sort_offered(collection, scene.roots);
    EXPECT_EQ(out.strangers.size(), kMaxStrangers);
    EXPECT_EQ(out.dropped, 100 - kMaxStrangers);
}

}  // namespace
}  // namespace openpcc::verify
