// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "verifier/authorities.hpp"
#include "verifier/model.hpp"

namespace openpcc::hostile {

namespace {

using snp::Product;

// Where the parts of a TCB_VERSION are: FMC, boot loader, TEE, SNP, microcode.
struct Parts {
    int fmc;
    int boot_loader;
    int tee;
    int snp;
    int microcode;
};
constexpr Parts kEarlier{-1, 0, 1, 6, 7};
constexpr Parts kTurin{0, 1, 2, 3, 7};

snp::Tcb parts_of(const snp::RawTcb& raw, Product product) {
    const Parts& at = product == Product::kTurin ? kTurin : kEarlier;
    const auto part = [&](int index) {
        return index < 0 ? std::uint8_t{0} : raw.bytes[static_cast<std::size_t>(index)];
    };
    return {part(at.fmc), part(at.boot_loader), part(at.tee), part(at.snp), part(at.microcode)};
}

bool at_least(const snp::Tcb& tcb, const snp::Tcb& least) {
    return tcb.fmc >= least.fmc && tcb.boot_loader >= least.boot_loader && tcb.tee >= least.tee &&
           tcb.snp >= least.snp && tcb.microcode >= least.microcode;
}

bool good_versions(const snp::Report& report, const snp::ProductRule& rule, const Node& node) {
    const Product product = product_of(node.base);
    const snp::Tcb reported = parts_of(report.reported_tcb, product);
    const snp::Tcb current = parts_of(report.current_tcb, product);
    if (!at_least(current, reported)) return false;
    if (current != reported && !node.client.policy.snp->provisional_tcb) return false;
    if (may_excuse(node)) return true;
    const auto graded = [&](const snp::RawTcb& raw) {
        const snp::Tcb tcb = parts_of(raw, product);
        return at_least(tcb, rule.green) ||
               (rule.amber && node.client.now < rule.amber->until && at_least(tcb, rule.amber->least));
    };
    return graded(report.reported_tcb) && graded(report.committed_tcb) && graded(report.launch_tcb) &&
           report.current >= rule.least_firmware && report.committed >= rule.least_firmware;
}

template <std::size_t N>
bool bits_hold(std::uint64_t value, const std::array<snp::Bit, N>& bits, const std::array<evidence::Must, N>& rule) {
    for (std::size_t i = 0; i < N; ++i)
        if (!holds(rule[i], (value >> bits[i].bit & 1U) != 0)) return false;
    return true;
}

bool good_configuration(const snp::Report& report, const snp::ProductRule& rule, const Node& node) {
    std::uint64_t unknown = report.policy & ~0x2ffffULL;
    for (const snp::Bit& bit : snp::kPolicyBits) unknown &= ~(1ULL << bit.bit);
    if (unknown != 0 || (report.policy & 0x20000U) == 0) return false;
    const auto abi = report.policy & 0xffff;
    if (abi > (std::uint64_t{report.current.major} << 8 | report.current.minor)) return false;
    if (report.vmpl != node.client.policy.snp->vmpl) return false;
    // Debug and a migration agent are beyond every exception.
    for (std::size_t i = 0; i < snp::kPolicyBits.size(); ++i) {
        const auto& bit = snp::kPolicyBits[i];
        if ((bit.name == "debug" || bit.name == "migrate_ma") &&
            !holds(rule.policy[i], (report.policy >> bit.bit & 1U) != 0))
            return false;
    }
    return may_excuse(node) || (bits_hold(report.policy, snp::kPolicyBits, rule.policy) &&
                                bits_hold(report.platform_info, snp::kPlatformBits, rule.platform));
}

bool good_measurement(const snp::Report& report, const Node& node) {
    const auto statement = statement::Statement::parse(node.statement);
    return std::ranges::any_of(node.client.policy.snp_measurements, [&](const policy::SnpMeasurement& each) {
        return each.release == statement->core.release && equal(each.measurement, report.measurement) &&
               each.host_data == report.host_data && equal(each.id_key_digest, report.id_key_digest) &&
               equal(each.author_key_digest, report.author_key_digest) && each.guest_svn == report.guest_svn;
    });
}

const Bytes* extension(const Node& node, std::string_view arc) {
    const auto& all = node.snp.leaf.extensions;
    const auto found =
        std::ranges::find(all, std::string(snp::kArcs).append(arc), &x509::CertificateSpec::Extension::dotted_oid);
    return found == all.end() ? nullptr : &found->content;
}

// An extension that is the INTEGER `value`, of one byte.
bool says(const Node& node, std::string_view arc, std::uint8_t value) {
    const Bytes* content = extension(node, arc);
    if (content == nullptr) return false;
    return *content == (value > 0x7f ? Bytes{2, 2, 0, value} : Bytes{2, 1, value});
}

// The key was derived for the TCB that the report calls its own.
bool certified_for(const snp::Report& report, const Node& node) {
    const snp::Tcb tcb = parts_of(report.reported_tcb, product_of(node.base));
    return says(node, "3.1", tcb.boot_loader) && says(node, "3.2", tcb.tee) && says(node, "3.3", tcb.snp) &&
           says(node, "3.8", tcb.microcode) && (product_of(node.base) != Product::kTurin || says(node, "3.9", tcb.fmc));
}

// The chip of a VCEK, and that the report says which kind of key signed it.
bool good_identity(const snp::Report& report, const Node& node) {
    const bool vlek = kind_of(node.base) == snp::KeyKind::kVlek;
    if ((report.key_info >> 2 & 7U) != (vlek ? 1U : 0U) || report.key_info >> 5 != 0) return false;
    if (vlek) return true;
    const Bytes* id = extension(node, "4");
    return id != nullptr && (report.key_info & 2U) == 0 && !is_zero(report.chip_id) &&
           report.chip_id == snp::ChipId::from_view(*id);
}

bool all_current(const Node& node) {
    const TimePoint now = node.client.now;
    const SnpSide& side = node.snp;
    if (side.leaf.not_before > now || now > side.leaf.not_after) return false;
    if (side.issuer.not_before > now || now > side.issuer.not_after) return false;
    if (!node.listed_anew) return true;
    // A leaf's serial number counts on every list; those of the authorities are looked at by the corpus.
    const bool revoked = side.leaf.serial == 0 && std::ranges::any_of(side.revoked, is_zero);
    return !revoked && (node.listed_besides ||
                        (now < side.list_until && young(node.client.policy.snp->collateral_age, side.list_from, now)));
}

}  // namespace

bool acceptable_snp(const Node& node) {
    const auto& policy = node.client.policy;
    if (!policy.snp) return false;
    const auto read = snp::Report::parse(node.evidence);
    if (!read) return false;
    const snp::Report& report = read->claimed();
    const auto rule = std::ranges::find(policy.snp->products, product_of(node.base), &snp::ProductRule::product);
    if (rule == policy.snp->products.end()) return false;
    return report.version >= 2 && report.version <= 5 && report.signature_algo == 1 &&
           std::ranges::all_of(report.report_id_ma.view(), [](std::uint8_t byte) { return byte == 0xff; }) &&
           is_zero(report.reserved_208) && is_zero(report.reserved_18b) && is_zero(report.reserved_4c) &&
           good_identity(report, node) && certified_for(report, node) && good_versions(report, *rule, node) &&
           good_configuration(report, *rule, node) && good_measurement(report, node) && all_current(node);
}

}  // namespace openpcc::hostile
