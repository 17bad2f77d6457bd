// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/hpke/hpke.hpp"
#include "trust/policy/policy.hpp"

// Every number here stands with its reason in docs/reference/policy.md.
namespace openpcc::policy {

namespace {

using evidence::CollateralAge;
using evidence::Must;
using statement::Isolation;
using std::chrono::days;

struct Setting {
    std::string_view name;
    Must must;
};

// Bits that nobody sets here are `rest`.
template <class Table>
auto bits(const Table& table, Must rest, std::initializer_list<Setting> settings) {
    std::array<Must, std::tuple_size_v<Table>> out{};
    out.fill(rest);
    for (const Setting& setting : settings) {
        const auto bit = std::ranges::find(table, setting.name, &Table::value_type::name);
        out[static_cast<std::size_t>(bit - table.begin())] = setting.must;
    }
    return out;
}

tdx::Rules strict_tdx() {
    tdx::Rules out;
    out.least_tcb_evaluation = 20;
    out.least_qe_evaluation = 19;
    out.modules = {{.major = 1, .least = 11}, {.major = 3, .least = 5}};
    out.collateral_age = CollateralAge{days(7), days(21)};
    out.attributes = bits(tdx::kAttributeBits, Must::kAny,
                          {{"sept_ve_disable", Must::kOne}, {"migratable", Must::kZero}, {"perfmon", Must::kZero}});
    out.xfam = bits(tdx::kXfamBits, Must::kAny, {{"x87", Must::kOne}, {"sse", Must::kOne}});
    return out;
}

tdx::Rules standard_tdx() {
    tdx::Rules out = strict_tdx();
    out.least_tcb_evaluation = 18;
    out.least_qe_evaluation = 18;
    out.modules = {{.major = 1, .least = 6}, {.major = 3, .least = 3}};
    out.amber = {tdx::TcbStatus::kSwHardeningNeeded, tdx::TcbStatus::kOutOfDate};
    out.grace = days(90);
    out.collateral_age = CollateralAge{days(21), days(30)};
    return out;
}

tdx::Rules development_tdx() {
    tdx::Rules out = standard_tdx();
    out.collateral_age = CollateralAge{days(30), days(365)};
    return out;
}

// AMD-SB-3020 and AMD-SB-3016: SNP 0x1b, of SEV firmware 1.55.49; AMD-SB-3027: microcode 0x56, the last byte of
// 0x0A101156. The boot loader is a genuine machine's.
snp::ProductRule genoa() {
    snp::ProductRule out;
    out.product = snp::Product::kGenoa;
    out.green = {.boot_loader = 10, .snp = 0x1b, .microcode = 0x56};
    out.least_firmware = {1, 55, 49};
    out.policy =
        bits(snp::kPolicyBits, Must::kAny, {{"debug", Must::kZero}, {"migrate_ma", Must::kZero}, {"cxl", Must::kZero}});
    out.platform = bits(snp::kPlatformBits, Must::kAny, {{"alias_check", Must::kOne}});
    out.platform_unknown = Must::kZero;
    return out;
}

// AMD-SB-3020: SNP 4; AMD-SB-3027: microcode 0x51. FMC, boot loader and firmware are a genuine machine's.
snp::ProductRule turin() {
    snp::ProductRule out = genoa();
    out.product = snp::Product::kTurin;
    out.green = {.boot_loader = 1, .snp = 4, .microcode = 0x51};
    out.least_firmware = {1, 55, 61};
    out.platform_unknown = Must::kAny;
    return out;
}

snp::Rules snp_rules(std::vector<snp::ProductRule> products) {
    snp::Rules out;
    out.products = std::move(products);
    out.collateral_age = CollateralAge{days(300), days(380)};
    return out;
}

snp::Rules strict_snp() {
    snp::ProductRule hiding = turin();
    hiding.policy = bits(snp::kPolicyBits, Must::kAny,
                         {{"debug", Must::kZero},
                          {"migrate_ma", Must::kZero},
                          {"cxl", Must::kZero},
                          {"rapl_dis", Must::kOne},
                          {"ciphertext_hiding", Must::kOne}});
    hiding.platform =
        bits(snp::kPlatformBits, Must::kAny,
             {{"alias_check", Must::kOne}, {"rapl_disabled", Must::kOne}, {"ciphertext_hiding", Must::kOne}});
    return snp_rules({genoa(), hiding});
}

// What AMD fixed later than amber asks for. AMD-SB-3016 is of Genoa alone. AMD-SB-3030 and AMD-SB-3034 may be open at
// green too: nothing in a TCB shows their fixes (docs/reference/sev-snp.md).
const std::vector<std::string> kOpenInAmber = {"AMD-SB-3020", "AMD-SB-3023", "AMD-SB-3027", "AMD-SB-3030",
                                               "AMD-SB-3034"};

snp::ProductRule with_amber(snp::ProductRule rule, const snp::Tcb& least, const snp::Firmware& firmware,
                            TimePoint issued) {
    rule.amber = snp::ProductRule::Amber{least, kOpenInAmber, issued + days(90)};
    if (rule.product == snp::Product::kGenoa)
        rule.amber->advisories.insert(rule.amber->advisories.begin(), "AMD-SB-3016");
    rule.least_firmware = firmware;
    return rule;
}

// AMD-SB-3019: SNP 0x17, of SEV firmware 1.55.40, and microcode 0x54. AMD-SB-7033: Turin's microcode takes forged
// patches up to 0x46.
constexpr snp::Tcb kGenoaWithoutEntrySign{.boot_loader = 10, .snp = 0x17, .microcode = 0x54};
constexpr snp::Tcb kTurinOfAutumn2025{.boot_loader = 1, .snp = 2, .microcode = 0x47};
constexpr snp::Firmware kGenoaFirmware{1, 55, 40};
constexpr snp::Firmware kTurinFirmware{1, 55, 61};

snp::Rules standard_snp(TimePoint issued) {
    return snp_rules({with_amber(genoa(), kGenoaWithoutEntrySign, kGenoaFirmware, issued),
                      with_amber(turin(), kTurinOfAutumn2025, kTurinFirmware, issued)});
}

// Simulated platforms report what real ones did in autumn 2025.
snp::Rules development_snp() {
    snp::ProductRule first = genoa();
    first.green = kGenoaWithoutEntrySign;
    first.least_firmware = kGenoaFirmware;
    first.platform_unknown = Must::kAny;
    snp::ProductRule second = turin();
    second.green = kTurinOfAutumn2025;
    second.least_firmware = kGenoaFirmware;
    snp::Rules out = snp_rules({first, second});
    out.collateral_age = CollateralAge{days(300), days(730)};
    return out;
}

void set_rules(Policy& out) {
    switch (out.preset) {
        case Preset::kStrict:
        case Preset::kTwoRoots:
            out.tdx = strict_tdx();
            out.snp = strict_snp();
            break;
        case Preset::kStandard:
            out.tdx = standard_tdx();
            out.snp = standard_snp(out.issued);
            break;
        case Preset::kDevelopment:
            out.tdx = development_tdx();
            out.snp = development_snp();
            break;
    }
}

}  // namespace

Policy Policy::of(Preset preset, TimePoint issued) {
    Policy out;
    out.name = to_string(preset);
    out.issued = issued;
    out.expires = issued + kLifetime;
    out.preset = preset;
    out.roots = {1, {VendorRoot::kIntel, VendorRoot::kAmd}};
    if (preset == Preset::kTwoRoots) out.roots = {2, {VendorRoot::kIntel, VendorRoot::kAmd, VendorRoot::kNvidia}};
    set_rules(out);
    out.hardware.rule = Hardware::Rule::kAny;
    out.isolation = {Isolation::kSharedWorker, Isolation::kWorkerPerRequest, Isolation::kEnginePerConversation,
                     Isolation::kVmPerTenant};
    out.require_pq = preset != Preset::kDevelopment && hpke::have_ml_kem();
    return out;
}

}  // namespace openpcc::policy
