// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "verifier/node.hpp"

// What must hold of every node that gets a key, written a second time and from the values that the recipe ended with,
// not from bytes. It is less than the verifier asks for: necessary, and not enough.
namespace openpcc::hostile {

// may_differ: a node can differ from the good one in this field and get a key, when acceptable() still holds. The list
// is what the documents leave free (nothing of it is compared with anything), and what acceptable() looks at. In every
// other field no difference at all may lead to a key.
bool may_differ(Base base, std::string_view field);

bool acceptable(const Node& node);

// Inside: the parts of acceptable().
bool acceptable_tdx(const Node& node);
bool acceptable_snp(const Node& node);
// An exception of the policy may lift what only grades a platform.
inline bool may_excuse(const Node& node) { return !node.client.policy.exceptions.empty(); }
// young: issued at most as long ago as the policy says, and not in the future.
bool young(const evidence::CollateralAge& age, TimePoint issued, TimePoint now);
bool is_zero(ByteView bytes);

}  // namespace openpcc::hostile
