// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "crypto/signature.hpp"
#include "trust/envelope/envelope.hpp"
#include "trust/policy/policy.hpp"

namespace openpcc::profile {

inline constexpr ErrorCode kBadProfile{"profile.bad_profile", Category::kBadInput};
inline constexpr ErrorCode kNotInForce{"profile.not_in_force", Category::kUnverified};
inline constexpr ErrorCode kNotSuccessor{"profile.not_successor", Category::kUnverified};

inline constexpr std::string_view kPayloadType = "application/vnd.openpcc.profile+json";

// Profile is one signed file that says all a client must know of a service (docs/reference/profile.md). It names those
// who sign it, so that its fingerprint, compared once, vouches for every later version.
struct Profile {
    std::string name;  // 1 to 63 small letters, digits and hyphens; a letter or digit first
    std::int64_t version = 1;
    TimePoint issued;
    TimePoint expires;
    std::string relay;                       // an address as in configurations
    std::optional<std::string> relay_roots;  // PEM; the system's roots when absent
    crypto::VerifyingKey service_key;        // signs the gateway's key configurations
    policy::Policy policy;
    envelope::SignerSet signers;                 // of the next version too
    std::optional<std::string> simulated_roots;  // PEM of throwaway roots; only development builds use them

    // parse reads the strict JSON form; an unknown, missing or ill-formed member is profile.bad_profile with its name.
    // Nobody has judged a signature.
    static Result<Unverified<Profile>> parse(ByteView json);
    // open reads an envelope that enough of the profile's own signers have signed; envelope.under_signed otherwise.
    // That says nothing of who they are: the caller compares the fingerprint, or asks `successor`.
    static Result<Profile> open(ByteView envelope);
    // successor opens what is to take this one's place: the same name, a higher version, and signed by enough of this
    // one's signers too. profile.not_successor otherwise.
    Result<Profile> successor(ByteView envelope) const;

    // in_force: issued, and not expired; nor is its policy.
    Result<void> in_force(TimePoint now) const;
    // fingerprint names the signers and their threshold: the first 16 bytes of SHA-256("openpcc profile signers v1",
    // threshold, key ids in order), as eight groups of four hex digits.
    std::string fingerprint() const;
    std::string to_json() const;
};

// is_name: 1 to 63 small letters, digits and hyphens; a letter or digit first. Such a name is a good file name too.
bool is_name(std::string_view text);

// is_fingerprint compares with what a person copied: blanks, colons and capitals do not matter.
bool is_fingerprint(std::string_view shown, std::string_view fingerprint);

}  // namespace openpcc::profile
