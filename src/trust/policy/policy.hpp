// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "evidence/snp/rules.hpp"
#include "evidence/tdx/rules.hpp"
#include "trust/envelope/envelope.hpp"
#include "trust/policy/measurement.hpp"
#include "trust/statement/statement.hpp"

// What evidence is good enough (docs/reference/policy.md). A value of Policy without more accepts nothing: every list
// is empty, and it has expired.
namespace openpcc::policy {

// Preset is where a policy started from. Only kDevelopment decides anything: it lets simulated hardware and evidence
// without freshness pass.
enum class Preset : std::uint8_t { kStrict, kStandard, kTwoRoots, kDevelopment };
inline constexpr Preset kPresets[] = {Preset::kStrict, Preset::kStandard, Preset::kTwoRoots, Preset::kDevelopment};

// VendorRoot is whose hardware root evidence rests on.
enum class VendorRoot : std::uint8_t { kIntel, kAmd, kNvidia };
inline constexpr VendorRoot kVendorRoots[] = {VendorRoot::kIntel, VendorRoot::kAmd, VendorRoot::kNvidia};

// RootRule is k of n: the evidence of one node must rest on `required` different roots of the list.
struct RootRule {
    std::uint32_t required = 1;
    std::vector<VendorRoot> of;
    friend bool operator==(const RootRule&, const RootRule&) = default;
};

// Hardware says which machines may answer, by platform identity. kAny is a choice that has to be written down.
struct Hardware {
    enum class Rule : std::uint8_t { kListed, kAny };
    Rule rule = Rule::kListed;
    std::vector<Digest256> ids;
    friend bool operator==(const Hardware&, const Hardware&) = default;
};

// Exception turns a failure of one check, for one platform or one release and until a day, into a note that shows the
// reason. It is only possible for `excusable_checks()`.
struct Exception {
    std::string check;
    std::variant<Digest256, std::string> scope;  // a platform identity, or a release id
    std::string reason;
    std::string advisory;
    TimePoint until;
    friend bool operator==(const Exception&, const Exception&) = default;
};

struct Policy {
    std::string name;
    TimePoint issued;
    TimePoint expires;  // from then on it accepts nothing
    Preset preset = Preset::kStrict;
    RootRule roots;
    std::optional<openpcc::tdx::Rules> tdx;  // none: TDX is refused
    std::optional<openpcc::snp::Rules> snp;  // none: SEV-SNP is refused
    std::vector<TdxMeasurement> tdx_measurements;
    std::vector<SnpMeasurement> snp_measurements;
    std::vector<std::string> revoked_releases;  // refused even when a measurement exists
    std::vector<Digest256> models;
    std::vector<Digest256> engine_profiles;
    Hardware hardware;
    std::vector<statement::Isolation> isolation;
    std::vector<Exception> exceptions;
    Seconds max_evidence_age{300};  // since the challenge was sent
    std::uint32_t candidates = 2;   // k
    bool require_pq = false;
    friend bool operator==(const Policy&, const Policy&) = default;

    // of is a preset, complete but for what only an operator knows: measurements, models and engine profiles are empty,
    // so that it accepts nothing until the caller says what. It lasts for `kLifetime` from `issued`.
    static Policy of(Preset preset, TimePoint issued);
    static constexpr Seconds kLifetime = std::chrono::days(90);

    // parse reads the strict JSON form; an unknown or missing member, or one of a wrong form, is policy.bad_policy with
    // its path; text that is not strict JSON (a repeated member counts) is policy.bad_policy too.
    static Result<Policy> parse(ByteView json);
    // open reads a signed policy: an envelope that enough of the signers have signed.
    static Result<Policy> open(ByteView envelope, const envelope::SignerSet& signers);
    std::string to_json() const;
};

inline constexpr std::string_view kPayloadType = "application/vnd.openpcc.policy+json";

// excusable_checks are those that an exception may name: grades of security versions and settings of platforms. Never
// signatures, bindings, formats, freshness, debug or migration.
std::span<const std::string_view> excusable_checks();

std::string_view to_string(Preset preset);    // "strict", "standard", "two-roots", "development"
std::string_view to_string(VendorRoot root);  // "intel", "amd", "nvidia"

}  // namespace openpcc::policy
