// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "verifier/authorities.hpp"
#include "verifier/model.hpp"

namespace openpcc::hostile {

namespace {

using tdx::TcbStatus;

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::ranges::find(list, value) != list.end();
}

bool tolerated(const tdx::Rules& rules, TcbStatus status) {
    const bool relaunch = contains(rules.amber, TcbStatus::kTdRelaunchAdvised) ||
                          contains(rules.amber, TcbStatus::kTdRelaunchAdvisedConfigurationNeeded);
    return status == TcbStatus::kUpToDate || contains(rules.amber, status) ||
           (relaunch && status == TcbStatus::kOutOfDate) ||
           // Together with a part that is out of date, the whole is graded as that.
           (status == TcbStatus::kConfigurationNeeded && !rules.amber.empty());
}

bool part_tolerated(const tdx::Rules& rules, const std::vector<tdx::SvnLevel>& levels, unsigned svn) {
    const auto level = std::ranges::find_if(levels, [&](const tdx::SvnLevel& each) { return svn >= each.isv_svn; });
    return level != levels.end() && tolerated(rules, level->grade.status);
}

bool level_fits(const tdx::TcbInfo::Level& level, const tdx::PckPlatform& platform, const tdx::TdReport& report) {
    const auto& svn = report.tee_tcb_svn.bytes;
    for (std::size_t i = 0; i < 16; ++i)
        if (platform.component_svn[i] < level.sgx[i]) return false;
    for (std::size_t i = svn[1] > 0 ? 2 : 0; i < 16; ++i)
        if (svn[i] < level.tdx[i]) return false;
    return platform.pce_svn >= level.pce_svn;
}

bool good_tcb(const Node& node, const tdx::PckPlatform& platform) {
    const tdx::Rules& rules = *node.client.policy.tdx;
    const tdx::TcbInfo& info = node.tdx.published.tcb_info;
    const tdx::QeIdentity& identity = node.tdx.published.qe_identity;
    const tdx::TdReport& report = node.tdx.quote.report;
    if (platform.fmspc != info.fmspc || platform.pce_id != info.pce_id) return false;
    if (may_excuse(node)) return true;
    if (info.evaluation < rules.least_tcb_evaluation) return false;
    if (identity.evaluation < rules.least_qe_evaluation) return false;
    const auto level =
        std::ranges::find_if(info.levels, [&](const auto& each) { return level_fits(each, platform, report); });
    if (level == info.levels.end() || !tolerated(rules, level->grade.status)) return false;
    if (!part_tolerated(rules, identity.levels, node.tdx.quote.qe_report.isv_svn)) return false;
    const std::uint8_t major = report.tee_tcb_svn.bytes[1];
    const std::uint8_t minor = report.tee_tcb_svn.bytes[0];
    const auto floor = std::ranges::find(rules.modules, major, &tdx::ModuleFloor::major);
    if (floor == rules.modules.end() || minor < floor->least) return false;
    if (major == 0) return true;
    const auto module = std::ranges::find(info.modules, major, &tdx::TcbInfo::Module::major);
    return module != info.modules.end() && part_tolerated(rules, module->levels, minor);
}

template <std::size_t N>
bool masked_equal(const ByteArray<N>& found, const ByteArray<N>& mask, const ByteArray<N>& wanted) {
    for (std::size_t i = 0; i < N; ++i)
        if ((found.bytes[i] & mask.bytes[i]) != wanted.bytes[i]) return false;
    return true;
}

bool good_enclave(const Node& node) {
    const tdx::QeReport& qe = node.tdx.quote.qe_report;
    const tdx::QeIdentity& identity = node.tdx.published.qe_identity;
    ByteArray<4> misc;
    for (std::size_t i = 0; i < 4; ++i) misc.bytes[i] = static_cast<std::uint8_t>(qe.misc_select >> 8 * i);
    return qe.mr_signer == identity.mr_signer && qe.isv_prod_id == identity.isv_prod_id &&
           masked_equal(misc, identity.misc_select_mask, identity.misc_select) &&
           masked_equal(qe.attributes, identity.attributes_mask, identity.attributes) &&
           (qe.attributes.bytes[0] & 2U) == 0;
}

bool good_guest(const Node& node) {
    const tdx::TdReport& report = node.tdx.quote.report;
    const tdx::Rules& rules = *node.client.policy.tdx;
    const auto statement = statement::Statement::parse(node.statement);
    std::uint64_t unknown = report.td_attributes;
    for (std::size_t i = 0; i < tdx::kAttributeBits.size(); ++i) {
        const auto& bit = tdx::kAttributeBits[i];
        unknown &= ~(1ULL << bit.bit);
        if (!holds(rules.attributes[i], (report.td_attributes >> bit.bit & 1U) != 0) &&
            !(bit.name == "perfmon" && may_excuse(node)))
            return false;
    }
    if (unknown != 0 || (report.xfam & 3U) != 3 || (report.xfam & ~0x6dbe7ULL) != 0) return false;
    if (!is_zero(report.mr_signer_seam) || report.seam_attributes != 0) return false;
    return std::ranges::any_of(node.client.policy.tdx_measurements, [&](const policy::TdxMeasurement& each) {
        return each.release == statement->core.release && equal(each.mrtd, report.mrtd) &&
               std::ranges::equal(each.rtmr, report.rtmr, [](ByteView a, ByteView b) { return equal(a, b); });
    });
}

bool good_shape(const simulated::Draft& quote, const tdx::Rules& rules) {
    const bool later = quote.body_type == tdx::BodyType::kTd15;
    // Version 4 does not name its body.
    if (quote.header.version == 5 && !later && quote.body_type != tdx::BodyType::kTd10) return false;
    const ByteArray<48> bound = ByteArray<48>::from_view(quote.report.mr_service_td);
    if (later && !is_zero(bound) && !contains(rules.service_tds, bound)) return false;
    return quote.header.version == 5 || (quote.header.version == 4 && !later);
}

bool all_current(const Node& node) {
    const TimePoint now = node.client.now;
    const auto& published = node.tdx.published;
    const auto& age = node.client.policy.tdx->collateral_age;
    const auto list = [&](const simulated::CollateralDraft::List& each) {
        return each.this_update <= now + Seconds(300) && now < each.next_update;
    };
    return node.tdx.machine.not_before <= now && now <= node.tdx.machine.not_after &&
           published.signer.not_before <= now && now <= published.signer.not_after && list(published.root_crl) &&
           list(published.pck_crl) && young(age, published.pck_crl.this_update, now) &&
           young(age, published.tcb_info.issued, now) && now < published.tcb_info.until &&
           young(age, published.qe_identity.issued, now) && now < published.qe_identity.until &&
           published.signer.name == tdx::kTcbSigningName && !published.signer.is_ca;
}

// Serial numbers of the CA and of the TCB signer, which the root may revoke.
bool not_revoked(const simulated::CollateralDraft& published) {
    Bytes serial;
    for (int shift = 56; shift >= 0; shift -= 8)
        if (const auto byte = static_cast<std::uint8_t>(published.signer.serial >> shift); byte != 0 || !serial.empty())
            serial.push_back(byte);
    return std::ranges::none_of(published.root_crl.revoked, [&](const Bytes& each) {
        const auto first = std::ranges::find_if(each, [](std::uint8_t byte) { return byte != 0; });
        return !serial.empty() && std::equal(first, each.end(), serial.begin(), serial.end());
    });
}

// What is served holds each item that was published; only where nothing new was published is there one to compare with.
bool all_served(const Node& node) {
    const tdx::Collateral& good = Authorities::get().collection.tdx;
    const tdx::Collateral& served = node.collection.tdx;
    const auto all = [](const auto& some, const auto& list) {
        return std::ranges::all_of(some, [&](const auto& each) { return contains(list, each); });
    };
    const bool same = all(good.tcb_infos, served.tcb_infos) && all(good.qe_identities, served.qe_identities) &&
                      all(good.crls, served.crls);
    return same || node.published_anew;
}

}  // namespace

bool acceptable_tdx(const Node& node) {
    if (!node.client.policy.tdx) return false;
    tdx::PckPlatform platform = node.tdx.machine.platform;
    if (node.tdx.machine.pck_extension) {
        const auto read = tdx::parse_pck_extension(*node.tdx.machine.pck_extension);
        if (!read) return false;
        platform = *read;
    }
    return platform.sgx_type <= 2 && good_shape(node.tdx.quote, *node.client.policy.tdx) && good_guest(node) &&
           good_enclave(node) && good_tcb(node, platform) && all_current(node) && not_revoked(node.tdx.published) &&
           all_served(node);
}

}  // namespace openpcc::hostile
