// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "wire/writer.hpp"

// The constants of docs/protocol/statement.md, once.
namespace openpcc::statement::fields {

inline constexpr std::uint16_t kStatementFormat = 0x5301;  // 'S', version 1 (spec statement-2.2)
inline constexpr std::uint16_t kBundleFormat = 0x4201;     // 'B', version 1 (spec statement-5.2)

inline constexpr std::string_view kNameLabel = "openpcc statement name v1";
inline constexpr std::string_view kDeviceLabel = "openpcc device v1";
inline constexpr std::string_view kDevicesLabel = "openpcc devices v1";
inline constexpr std::string_view kReportLabel = "openpcc statement v1";

// label is how every hash begins: opaque<1..255>, so that no label is the beginning of another. (spec statement-1.3)
inline Bytes label(std::string_view text) {
    wire::Writer out;
    out.vec8(as_bytes(text));
    return std::move(out).take();
}

}  // namespace openpcc::statement::fields
