// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "core/text.hpp"
#include "evidence/tdx/judge.hpp"

namespace openpcc::tdx {

namespace {

// Bits of TDATTRIBUTES (TDX-ABI). Byte 0 is the group "TD under debug": an audit found a verifier that looked at bit 0
// alone.
constexpr std::uint64_t kDebugGroup = 0xff;
constexpr std::uint64_t kMigratable = 1ULL << 29;
constexpr std::uint64_t kXfamRequired = 0x3;
constexpr std::uint64_t kXfamKnown = 0x6dbe7;
constexpr std::uint8_t kSgxDebug = 0x02;

bool bit_of(std::uint64_t value, unsigned bit) { return (value >> bit & 1U) != 0; }

// The debug group has its own check, so that each bit decides in one place.
constexpr std::uint64_t known_attributes() {
    std::uint64_t out = kDebugGroup;
    for (const AttributeBit& bit : kAttributeBits) out |= 1ULL << bit.bit;
    return out;
}

void judge_attributes(std::uint64_t attributes, const Rules& rules, Checklist& list) {
    const std::string found = "TDATTRIBUTES " + hex_number(attributes);
    list.require("tdx.debug", (attributes & kDebugGroup) == 0, found);
    list.require("tdx.attributes.reserved", (attributes & ~known_attributes()) == 0, found);
    for (std::size_t i = 0; i < kAttributeBits.size(); ++i) {
        const bool bit = bit_of(attributes, kAttributeBits[i].bit);
        list.require("tdx.attributes." + std::string(kAttributeBits[i].name), evidence::holds(rules.attributes[i], bit),
                     evidence::to_string(rules.attributes[i]), bit ? "one" : "zero");
    }
}

void append(std::string& list, std::string_view name) {
    if (!list.empty()) list += ' ';
    list += name;
}

void judge_xfam(std::uint64_t xfam, const Rules& rules, Checklist& list) {
    const std::string value = "XFAM " + hex_number(xfam);
    list.require("tdx.xfam.required", (xfam & kXfamRequired) == kXfamRequired, value);
    list.require("tdx.xfam.reserved", (xfam & ~kXfamKnown) == 0, value);
    bool good = true;
    std::string set;
    std::string zero;
    std::string one;
    for (std::size_t i = 0; i < kXfamBits.size(); ++i) {
        const bool bit = bit_of(xfam, kXfamBits[i].bit);
        good = good && evidence::holds(rules.xfam[i], bit);
        if (bit) append(set, kXfamBits[i].name);
        if (rules.xfam[i] == evidence::Must::kZero) append(zero, kXfamBits[i].name);
        if (rules.xfam[i] == evidence::Must::kOne) append(one, kXfamBits[i].name);
    }
    const auto named = [](std::string_view names) { return names.empty() ? std::string("none") : std::string(names); };
    list.require("tdx.xfam", good, "zero: " + named(zero) + "; one: " + named(one), named(set));
}

// A TD 1.0 body does not say which service TDs are bound. Only a guest that can be moved may have one, so that the body
// of one that cannot says enough.
void judge_service_td(const Quote& quote, const Rules& rules, Checklist& list) {
    if (quote.body_type == BodyType::kTd10) {
        if ((quote.report.td_attributes & kMigratable) != 0)
            list.not_run("tdx.service_td", "a TD 1.0 body does not say, and the guest can be moved");
        else
            list.require("tdx.service_td", true, "not in a TD 1.0 body; the guest cannot be moved");
        return;
    }
    const Measurement& bound = quote.report.mr_service_td;
    const bool none = all_zero(bound);
    const bool known = std::ranges::any_of(rules.service_tds, [&](const auto& each) { return equal(each, bound); });
    list.require("tdx.service_td", none || known,
                 rules.service_tds.empty() ? std::string("none bound (zero)")
                                           : "none bound (zero), or one of the " +
                                                 std::to_string(rules.service_tds.size()) + " of the policy",
                 none ? "zero" : to_hex(bound));
}

}  // namespace

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::string hex_number(std::uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

void judge_configuration(const Quote& quote, const Rules& rules, Checklist& list) {
    const TdReport& report = quote.report;
    const QeReport& qe = quote.qe_report;
    list.require("tdx.qe_vendor", quote.header.qe_vendor_id == kIntelQeVendor, to_hex(quote.header.qe_vendor_id));
    const bool reserved = all_zero(quote.header.reserved) && all_zero(qe.reserved1) && all_zero(qe.reserved2) &&
                          all_zero(qe.reserved3) && all_zero(qe.reserved4);
    list.require("tdx.reserved", reserved, reserved ? "zero" : "not zero");
    list.require("tdx.qe_debug", (qe.attributes.bytes[0] & kSgxDebug) == 0, "attributes " + to_hex(qe.attributes));
    judge_attributes(report.td_attributes, rules, list);
    judge_xfam(report.xfam, rules, list);
    list.require("tdx.module", all_zero(report.mr_signer_seam) && report.seam_attributes == 0,
                 "SEAMATTRIBUTES " + hex_number(report.seam_attributes) + ", MRSIGNERSEAM " +
                     (all_zero(report.mr_signer_seam) ? "zero" : "not zero"));
    judge_service_td(quote, rules, list);
}

}  // namespace openpcc::tdx
