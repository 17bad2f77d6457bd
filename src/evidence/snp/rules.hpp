// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "evidence/rules/rules.hpp"

// What a policy can decide about an SEV-SNP platform. A value of Rules without more accepts nothing.
namespace openpcc::snp {

enum class Product : std::uint8_t { kMilan, kGenoa, kTurin };

// Tcb is a TCB_VERSION by name (SEV-SNP ABI, table "TCB_VERSION"); parts that a product does not have are zero. It is
// compared part by part, never as a number.
struct Tcb {
    std::uint8_t fmc = 0;  // Turin only
    std::uint8_t boot_loader = 0;
    std::uint8_t tee = 0;
    std::uint8_t snp = 0;
    std::uint8_t microcode = 0;
    friend bool operator==(const Tcb&, const Tcb&) = default;
};

// Firmware is the version of the SNP firmware as a report gives it.
struct Firmware {
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    std::uint8_t build = 0;
    friend auto operator<=>(const Firmware&, const Firmware&) = default;
};

// A bit of the guest policy or of PLATFORM_INFO that a policy decides about; the checks are "snp.policy.NAME" and
// "snp.platform.NAME". Unknown bits of the guest policy fail; unknown bits of PLATFORM_INFO are `snp.platform.unknown`.
struct Bit {
    std::string_view name;
    unsigned bit;
};
inline constexpr std::array<Bit, 9> kPolicyBits{{
    {"smt", 16},
    {"migrate_ma", 18},
    {"debug", 19},
    {"single_socket", 20},
    {"cxl", 21},
    {"aes_256_xts", 22},
    {"rapl_dis", 23},
    {"ciphertext_hiding", 24},
    {"page_swap_disable", 25},
}};
inline constexpr std::array<Bit, 7> kPlatformBits{{
    {"smt", 0},
    {"tsme", 1},
    {"ecc", 2},
    {"rapl_disabled", 3},
    {"ciphertext_hiding", 4},
    {"alias_check", 5},
    {"tio", 7},
}};

// ProductRule grades the TCB of one product: at least `green`; or at least `amber->least` until a day, with the
// advisories that this leaves open, as a note; anything lower fails.
struct ProductRule {
    struct Amber {
        Tcb least;
        std::vector<std::string> advisories;  // "AMD-SB-3019", at least one
        TimePoint until;
        friend bool operator==(const Amber&, const Amber&) = default;
    };
    Product product = Product::kGenoa;
    Tcb green;
    Firmware least_firmware;
    std::optional<Amber> amber;
    std::array<evidence::Must, kPolicyBits.size()> policy{};      // in the order of kPolicyBits
    std::array<evidence::Must, kPlatformBits.size()> platform{};  // in the order of kPlatformBits
    evidence::Must platform_unknown = evidence::Must::kZero;      // kAny: unknown bits are a note
    friend bool operator==(const ProductRule&, const ProductRule&) = default;
};

struct Rules {
    std::vector<ProductRule> products;        // one each; a product that is not named is refused
    std::vector<std::string> vlek_providers;  // CSP ids whose VLEK is accepted; empty: VCEK only
    std::uint32_t vmpl = 0;                   // exactly
    bool provisional_tcb = false;             // a reported TCB below the current one is a note, and not a failure
    evidence::CollateralAge collateral_age;
    friend bool operator==(const Rules&, const Rules&) = default;
};

std::string_view to_string(Product product);

}  // namespace openpcc::snp
