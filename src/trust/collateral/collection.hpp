// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "core/trust.hpp"
#include "evidence/snp/collateral.hpp"
#include "evidence/tdx/collateral.hpp"
#include "trust/collateral/errors.hpp"

// What vendors publish about platforms, as one dated file (docs/reference/collateral.md).
namespace openpcc::collateral {

inline constexpr std::size_t kMaxFile = 4 << 20;
inline constexpr std::size_t kMaxItems = 256;       // of one list
inline constexpr std::size_t kMaxText = 128 << 10;  // of one body
inline constexpr std::size_t kMaxChain = 16 << 10;
inline constexpr std::size_t kMaxCrl = 1 << 20;

// Collection is everything that a verifier may need from vendors, for any number of platforms. Nothing in it is judged:
// each item carries its vendor's signature, and evidence/* looks at that. Whoever serves a file can leave something out
// or serve what is old, and can forge nothing.
struct Collection {
    TimePoint fetched{};  // when the vendors were last asked for any of it; for people, never for trust
    tdx::Collateral tdx;
    snp::Collateral snp;

    // parse reads the file form and nothing else: each collection has one form, so what is read is written again byte
    // for byte. collateral.malformed with the place otherwise, collateral.too_large beyond a limit.
    static Result<Unverified<Collection>> parse(ByteView file);
    // to_json writes the file form: every list sorted, doubles dropped. collateral.too_large beyond a limit;
    // collateral.malformed for texts that hold what the form cannot (control characters, bytes above 0x7e).
    Result<std::string> to_json() const;

    friend bool operator==(const Collection&, const Collection&) = default;
};

// name_of is the content address of a file.
Digest256 name_of(ByteView file);

}  // namespace openpcc::collateral
