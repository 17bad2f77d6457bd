// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.hpp"
#include "evidence/tdx/pck.hpp"

namespace openpcc::simulated {

// der writes one element with a definite, minimal length.
Bytes der(std::uint8_t tag, ByteView content);
// der_oid_pair writes SEQUENCE { OID 1.2.840.113741.1.13.1.<arcs>, value }.
Bytes der_oid_pair(std::initializer_list<std::uint8_t> arcs, ByteView value);
// write_pck_extension writes what tdx::parse_pck_extension reads, in Intel's order.
Bytes write_pck_extension(const tdx::PckPlatform& platform);

}  // namespace openpcc::simulated
