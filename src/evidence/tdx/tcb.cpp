// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/tcb.hpp"

#include <algorithm>
#include <ranges>

namespace openpcc::tdx {

namespace {

using Svns = std::array<std::uint8_t, 16>;

// Indices 0 and 1 are those of the module: with a major version it has levels of its own. Comparing them as well would
// refuse good platforms, and skipping more would pass bad ones.
std::size_t first_tdx_component(const Svns& svn) { return svn[1] > 0 ? 2 : 0; }

bool at_least(const Svns& found, const Svns& least, std::size_t from = 0) {
    for (std::size_t i = from; i < found.size(); ++i)
        if (found[i] < least[i]) return false;
    return true;
}

bool fits_sgx(const TcbInfo::Level& level, const PckPlatform& platform) {
    return at_least(platform.component_svn, level.sgx) && platform.pce_svn >= level.pce_svn;
}

template <class Levels>
std::optional<TimePoint> lowest_up_to_date(const Levels& levels) {
    for (const auto& level : std::views::reverse(levels))
        if (level.grade.status == TcbStatus::kUpToDate) return level.grade.date;
    return std::nullopt;
}

Tcb::Part part_by_svn(const std::vector<SvnLevel>& levels, std::uint16_t svn) {
    const auto fits = [&](const SvnLevel& level) { return svn >= level.isv_svn; };
    const auto level = std::ranges::find_if(levels, fits);
    return {level == levels.end() ? std::nullopt : std::optional(level->grade), lowest_up_to_date(levels)};
}

Tcb::Part platform_part(const TcbInfo& info, const PckPlatform& platform, const Svns& svn) {
    const auto fits = [&](const TcbInfo::Level& level) {
        return fits_sgx(level, platform) && at_least(svn, level.tdx, first_tdx_component(svn));
    };
    const auto level = std::ranges::find_if(info.levels, fits);
    return {level == info.levels.end() ? std::nullopt : std::optional(level->grade), lowest_up_to_date(info.levels)};
}

bool out_of_date(TcbStatus status) {
    return status == TcbStatus::kOutOfDate || status == TcbStatus::kOutOfDateConfigurationNeeded;
}

bool configuration_needed(TcbStatus status) {
    return status == TcbStatus::kConfigurationNeeded || status == TcbStatus::kConfigurationAndSwHardeningNeeded ||
           status == TcbStatus::kOutOfDateConfigurationNeeded;
}

// A module or enclave takes the whole down, and never lifts it.
TcbStatus converge(TcbStatus whole, TcbStatus part) {
    if (whole == TcbStatus::kRevoked || part == TcbStatus::kRevoked) return TcbStatus::kRevoked;
    if (part == TcbStatus::kUpToDate || out_of_date(whole)) return whole;
    return configuration_needed(whole) ? TcbStatus::kOutOfDateConfigurationNeeded : TcbStatus::kOutOfDate;
}

// loaded_is_latest: the module that runs now (TEE_TCB_SVN2) and its loader are of the highest level.
bool loaded_is_latest(const TcbInfo& info, const Svns& loaded) {
    const Svns& latest = info.levels.front().tdx;
    if (loaded[2] < latest[2]) return false;
    if (loaded[1] == 0) return loaded[0] >= latest[0];
    const TcbInfo::Module* module = info.module_of(loaded[1]);
    return module != nullptr && loaded[0] >= module->levels.front().isv_svn;
}

// QVL 4.1.2.4.17.4.3: the module at launch is the only thing out of date and has been replaced under the guest.
std::optional<TcbStatus> relaunch(const TcbInfo& info, const PckPlatform& platform, const Quote& quote,
                                  const Tcb& tcb) {
    if (quote.body_type != BodyType::kTd15 || !tcb.module || tcb.module->grade->status != TcbStatus::kOutOfDate ||
        tcb.qe.grade->status != TcbStatus::kUpToDate)
        return std::nullopt;
    const auto level =
        std::ranges::find_if(info.levels, [&](const TcbInfo::Level& each) { return fits_sgx(each, platform); });
    const TcbStatus sgx = level->grade.status;  // there is one: a level with more conditions has been found
    if (out_of_date(sgx) || sgx == TcbStatus::kRevoked) return std::nullopt;
    if (!loaded_is_latest(info, quote.report.tee_tcb_svn2.bytes)) return std::nullopt;
    return configuration_needed(sgx) || configuration_needed(*tcb.status)
               ? TcbStatus::kTdRelaunchAdvisedConfigurationNeeded
               : TcbStatus::kTdRelaunchAdvised;
}

void add_advisories(const Tcb::Part& part, std::vector<std::string>& out) {
    for (const std::string& advisory : part.grade->advisories) out.push_back(advisory);
}

// The earliest, where several parts are out of date; a part without a successor leaves none.
std::optional<TimePoint> out_of_date_since(const std::vector<const Tcb::Part*>& parts) {
    std::optional<TimePoint> out;
    for (const Tcb::Part* part : parts) {
        if (!out_of_date(part->grade->status)) continue;
        if (!part->up_to_date_since) return std::nullopt;
        out = out ? std::min(*out, *part->up_to_date_since) : part->up_to_date_since;
    }
    return out;
}

}  // namespace

Tcb evaluate_tcb(const TcbInfo& info, const QeIdentity& identity, const PckPlatform& platform, const Quote& quote) {
    const Svns& svn = quote.report.tee_tcb_svn.bytes;
    Tcb out;
    out.platform = platform_part(info, platform, svn);
    out.qe = part_by_svn(identity.levels, quote.qe_report.isv_svn);
    std::vector<const Tcb::Part*> parts{&out.platform, &out.qe};
    if (svn[1] > 0) {
        const TcbInfo::Module* module = info.module_of(svn[1]);
        out.module = module == nullptr ? Tcb::Part{} : part_by_svn(module->levels, svn[0]);
        parts.push_back(&*out.module);
    }
    if (std::ranges::any_of(parts, [](const Tcb::Part* part) { return !part->grade; })) return out;
    out.status = out.platform.grade->status;
    for (const Tcb::Part* part : parts) {
        if (part != &out.platform) out.status = converge(*out.status, part->grade->status);
        add_advisories(*part, out.advisories);
    }
    std::ranges::sort(out.advisories);
    out.advisories.erase(std::ranges::unique(out.advisories).begin(), out.advisories.end());
    out.out_of_date_since = out_of_date_since(parts);
    if (out_of_date(*out.status))
        if (const auto advised = relaunch(info, platform, quote, out)) out.status = advised;
    return out;
}

}  // namespace openpcc::tdx
