// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// What may stand in control data (RFC 9292 section 3.4, which points at RFC 9113 section 8.3.1) and in pseudo-fields.
// Used by the decoder to refuse and by the encoders to assert.
namespace openpcc::bhttp {

bool is_scheme(std::string_view scheme);
// is_authority: visible ASCII without userinfo and without what would end an authority; empty is allowed.
bool is_authority(std::string_view authority);
// is_path: the origin form with its query, or "*".
bool is_path(std::string_view path);
// is_extension_pseudo_field: ":" and a name that is not one of the five that control data replaces.
bool is_extension_pseudo_field(std::string_view name);

}  // namespace openpcc::bhttp
