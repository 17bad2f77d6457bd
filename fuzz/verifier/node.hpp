// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evidence/simulated/collateral.hpp"
#include "evidence/simulated/platform.hpp"
#include "evidence/simulated/snp_platform.hpp"
#include "trust/verify/verify.hpp"
#include "verifier/edits.hpp"

// A node under throwaway authorities, and the client that judges it, as a recipe makes them.
namespace openpcc::hostile {

// Said is a statement as bytes of its layout (statement-2.1), written by a writer of its own that knows no limits, so
// that the two writers cannot agree on a mistake.
struct Said {
    std::uint16_t format = 0x5301;
    std::uint8_t role = 1;
    Bytes release;
    std::vector<Bytes> keys;
    Bytes receipt_key;
    std::uint64_t not_before = 0;
    std::uint64_t not_after = 0;
    Digest256 model;
    Digest256 engine_profile;
    std::uint8_t isolation = 1;
    std::uint8_t freshness = 1;
    statement::Challenge challenge;
    Bytes beacon;
    std::optional<Digest256> devices;  // in place of the digest of those that are there

    Bytes write(const std::vector<statement::DeviceEvidence>& with) const;
};

// TdxSide and SnpSide are what the authorities of one vendor, and a machine of it, say.
struct TdxSide {
    simulated::PlatformSpec machine;
    simulated::Draft quote;
    simulated::CollateralDraft published;
};
struct SnpSide {
    simulated::SnpLeafSpec leaf;
    x509::CertificateSpec issuer;
    snp::Report report;
    TimePoint list_from;
    TimePoint list_until;
    std::vector<Bytes> revoked;
};

// Client is what the one who judges brings along.
struct Client {
    verify::Roots roots;
    policy::Policy policy;
    verify::Expectation expectation;
    TimePoint now;
};

struct Node {
    Base base = Base::kTdx;
    Said said;
    std::vector<statement::DeviceEvidence> devices;
    Bytes statement;  // as it was signed for
    std::uint8_t bound_as = 0;
    std::uint8_t called = 0;  // what the bundle calls its evidence
    TdxSide tdx;
    SnpSide snp;
    Bytes evidence;
    std::vector<Bytes> certificates;
    bool published_anew = false;  // an edit of what Intel publishes
    bool listed_anew = false;     // an edit of AMD's list
    bool listed_besides = false;  // it comes beside the good one
    collateral::Collection collection;
    Bytes bundle;
    Client client;
    std::shared_ptr<const verify::SignedCollateral> collateral;
};

// make_node is nothing when an authority cannot write what the recipe asks for, or no client could have such a policy.
std::optional<Node> make_node(const Recipe& recipe, Edits& edits);

// Inside: the parts of make_node, each with the fields of its part.
struct Authorities;
bool make_tdx(const Authorities& from, Edits& edits, const statement::ReportData& bound, Node& node);
bool make_snp(const Authorities& from, Edits& edits, const statement::ReportData& bound, Node& node);
bool make_client(Edits& edits, Node& node);

}  // namespace openpcc::hostile
