// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text.hpp"
#include "evidence/snp/judge.hpp"

namespace openpcc::snp {

namespace {

using evidence::Must;

template <std::size_t N>
constexpr std::uint64_t mask_of(const std::array<Bit, N>& bits) {
    std::uint64_t mask = 0;
    for (const Bit& bit : bits) mask |= std::uint64_t{1} << bit.bit;
    return mask;
}

constexpr std::uint64_t kAbiVersion = 0xffff;
constexpr std::uint64_t kOne = std::uint64_t{1} << kPolicyAlwaysOne;
constexpr std::uint64_t kKnownPolicy = mask_of(kPolicyBits) | kOne | kAbiVersion;
constexpr std::uint64_t kKnownPlatform = mask_of(kPlatformBits);

template <std::size_t N>
void judge_bits(std::string_view prefix, std::uint64_t value, const std::array<Bit, N>& bits,
                const std::array<Must, N>& rule, Checklist& list) {
    for (std::size_t i = 0; i < N; ++i) {
        const bool set = (value >> bits[i].bit & 1U) != 0;
        list.require(std::string(prefix).append(bits[i].name), holds(rule[i], set), evidence::to_string(rule[i]),
                     set ? "one" : "zero");
    }
}

// SNP-ABI: the guest's least version of the ABI. Firmware refuses to launch what wants more than it is, so that a
// report which says otherwise contradicts itself.
void judge_abi(const Report& report, Checklist& list) {
    const auto minor = static_cast<std::uint8_t>(report.policy);
    const auto major = static_cast<std::uint8_t>(report.policy >> 8);
    const auto wanted = std::pair(major, minor);
    const auto version = [](const Firmware& firmware) { return std::pair(firmware.major, firmware.minor); };
    const bool good = wanted <= version(report.current) && wanted <= version(report.committed);
    list.require("snp.policy.abi", good, std::to_string(major) + "." + std::to_string(minor));
}

// Two captured Turin hosts have a bit set that no document explains: unknown bits are for the policy to decide.
void judge_unknown_platform(std::uint64_t value, Must rule, Checklist& list) {
    const std::uint64_t unknown = value & ~kKnownPlatform;
    const std::string found = unknown == 0 ? "none set" : hex_number(unknown);
    if (unknown != 0 && rule == Must::kAny)
        list.note("snp.platform.unknown", found);
    else
        list.require("snp.platform.unknown", unknown == 0 && rule != Must::kOne, found);
}

}  // namespace

void judge_configuration(const Case& is, Checklist& list) {
    const Report& report = is.report;
    if (is.rule != nullptr) {
        judge_bits("snp.policy.", report.policy, kPolicyBits, is.rule->policy, list);
        judge_bits("snp.platform.", report.platform_info, kPlatformBits, is.rule->platform, list);
        judge_unknown_platform(report.platform_info, is.rule->platform_unknown, list);
    }
    list.require("snp.policy.reserved", (report.policy & kOne) != 0 && (report.policy & ~kKnownPolicy) == 0,
                 hex_number(report.policy));
    judge_abi(report, list);
    list.require("snp.vmpl", report.vmpl == is.rules.vmpl, std::to_string(is.rules.vmpl), std::to_string(report.vmpl));
    const bool no_agent = std::ranges::all_of(report.report_id_ma.view(), [](std::uint8_t b) { return b == 0xff; });
    list.require("snp.migration_agent", no_agent, no_agent ? "none" : to_hex(report.report_id_ma));
}

void judge_identity(const Case& is, Checklist& list) {
    const ChipId& chip = is.report.chip_id;
    const bool vlek = is.endorsement.kind == KeyKind::kVlek;
    if (vlek) {
        // A VLEK is a provider's: it says nothing of a chip, and the provider may mask the id.
        list.require("snp.chip_id", true, "a VLEK is bound to no chip", to_hex(chip));
    } else {
        // SNP-ABI: a masked id is zero, and a masked key signs nothing. Turin's id is eight bytes long, the rest zero.
        const Bytes& id = is.endorsement.hardware_id;
        ChipId expected;
        std::ranges::copy(id, expected.bytes.begin());
        const bool good = chip == expected && chip != ChipId{} && !is.report.chip_key_masked();
        list.require("snp.chip_id", good, to_hex(id),
                     to_hex(chip.view().first(id.size())) + (is.report.chip_key_masked() ? ", key masked" : ""));
        list.rests_on("snp.chip_id", basis_of(is.chain.leaf));
    }
    const bool named =
        std::ranges::find(is.rules.vlek_providers, is.endorsement.provider) != is.rules.vlek_providers.end();
    list.require("snp.vlek_provider", !vlek || named, vlek ? is.endorsement.provider : "VCEK");
    if (vlek) list.rests_on("snp.vlek_provider", basis_of(is.chain.leaf));
}

}  // namespace openpcc::snp
