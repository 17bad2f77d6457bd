// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "apps/config/config.hpp"
#include "core/trust.hpp"
#include "trust/policy/policy.hpp"

// Policies as files: bare JSON, or an envelope with signatures (docs/reference/policy.md).
namespace openpcc::policies {

// load reads a policy to be judged by. With signers the file must be an envelope that enough of them have signed
// (envelope.under_signed for one that is not signed at all, too). Without, it must be bare: what is signed is not taken
// on trust because nobody was named to check it by.
Result<policy::Policy> load(const std::string& path, const std::optional<envelope::SignerSet>& signers);
// open is load of what is in memory; `from` is what errors call it.
Result<policy::Policy> open(std::string_view text, const std::string& from,
                            const std::optional<envelope::SignerSet>& signers);

// Claimed is a policy file to be looked at: nobody has judged its signatures.
struct Claimed {
    policy::Policy policy;
    envelope::Envelope envelope;  // without signatures for a bare file
};
Result<Unverified<Claimed>> read_claimed(const std::string& path);

// signer_set makes one of texts; none when there are no texts, and then there is no threshold either.
Result<std::optional<envelope::SignerSet>> signer_set(const std::vector<std::string>& texts,
                                                      std::optional<std::int64_t> threshold);

}  // namespace openpcc::policies
