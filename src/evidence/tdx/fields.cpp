// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/fields.hpp"

#include <algorithm>
#include <array>

namespace openpcc::tdx {

namespace {

constexpr std::size_t kMaxAdvisories = 128;
constexpr std::size_t kMaxAdvisory = 32;

constexpr std::array kOfPlatform = {
    TcbStatus::kUpToDate,
    TcbStatus::kSwHardeningNeeded,
    TcbStatus::kConfigurationNeeded,
    TcbStatus::kConfigurationAndSwHardeningNeeded,
    TcbStatus::kOutOfDate,
    TcbStatus::kOutOfDateConfigurationNeeded,
    TcbStatus::kRevoked,
};
constexpr std::array kOfEnclave = {TcbStatus::kUpToDate, TcbStatus::kOutOfDate, TcbStatus::kRevoked};

template <std::size_t N>
Result<TcbStatus> read_status(std::string_view text, const std::array<TcbStatus, N>& allowed) {
    for (const TcbStatus status : allowed)
        if (to_string(status) == text) return status;
    return bad_collateral("an unknown status");
}

Result<std::string> read_advisory(Node node) {
    const auto text = node.text();
    const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!text || text->empty() || text->size() > kMaxAdvisory || !std::ranges::all_of(*text, visible))
        return bad_collateral("an advisory that is no name");
    return std::string(*text);
}

}  // namespace

Result<Fields> Fields::of(Node node) {
    if (node.kind() != Node::Kind::kObject) return bad_collateral("not an object where one must be");
    return Fields(node);
}

std::optional<Node> Fields::optional(std::string_view name) {
    const auto member = node_.get(name);
    if (member) ++read_;
    return member;
}

Result<Node> Fields::need(std::string_view name) {
    const auto member = optional(name);
    if (!member) return bad_collateral("no " + std::string(name));
    return *member;
}

Result<std::string_view> Fields::text(std::string_view name) {
    OPENPCC_TRY(const Node member, need(name));
    const auto out = member.text();
    if (!out) return bad_collateral(std::string(name) + " is no text");
    return *out;
}

Result<std::uint64_t> Fields::number(std::string_view name, std::uint64_t limit) {
    OPENPCC_TRY(const Node member, need(name));
    const auto out = member.number();
    if (!out || *out > limit) return bad_collateral(std::string(name) + " is out of range");
    return *out;
}

Result<TimePoint> Fields::moment(std::string_view name) {
    OPENPCC_TRY(const std::string_view written, text(name));
    auto out = parse_rfc3339(written);
    if (!out || written.size() != 20) return bad_collateral(std::string(name) + " is no time");
    return *out;
}

Result<Node> Fields::list(std::string_view name, std::size_t limit) {
    OPENPCC_TRY(const Node member, need(name));
    if (member.kind() != Node::Kind::kList) return bad_collateral(std::string(name) + " is no list");
    if (member.size() > limit) return bad_collateral(std::string(name) + " is too long");
    return member;
}

Result<void> Fields::finish() const {
    if (read_ != node_.size()) return bad_collateral("an unknown member");
    return {};
}

Result<Grade> read_grade(Fields& level, Statuses allowed) {
    Grade out;
    OPENPCC_TRY(out.date, level.moment("tcbDate"));
    OPENPCC_TRY(const std::string_view status, level.text("tcbStatus"));
    OPENPCC_TRY(out.status,
                allowed == Statuses::kPlatform ? read_status(status, kOfPlatform) : read_status(status, kOfEnclave));
    const auto advisories = level.optional("advisoryIDs");
    if (!advisories) return out;
    if (advisories->kind() != Node::Kind::kList || advisories->size() > kMaxAdvisories)
        return bad_collateral("advisoryIDs is no list, or too long");
    for (auto each = advisories->first(); each; each = each->next()) {
        OPENPCC_TRY(std::string advisory, read_advisory(*each));
        out.advisories.push_back(std::move(advisory));
    }
    return out;
}

Result<std::vector<SvnLevel>> read_svn_levels(Fields& owner) {
    OPENPCC_TRY(const Node list, owner.list("tcbLevels", kMaxLevels));
    std::vector<SvnLevel> out;
    for (auto each = list.first(); each; each = each->next()) {
        SvnLevel level;
        OPENPCC_TRY(Fields fields, Fields::of(*each));
        OPENPCC_TRY(const Node tcb, fields.need("tcb"));
        OPENPCC_TRY(Fields svn, Fields::of(tcb));
        OPENPCC_TRY(const std::uint64_t number, svn.number("isvsvn", 0xffff));
        OPENPCC_CHECK(svn.finish());
        level.isv_svn = static_cast<std::uint16_t>(number);
        OPENPCC_TRY(level.grade, read_grade(fields, Statuses::kEnclave));
        OPENPCC_CHECK(fields.finish());
        out.push_back(std::move(level));
    }
    if (out.empty()) return bad_collateral("no level");
    return out;
}

}  // namespace openpcc::tdx
