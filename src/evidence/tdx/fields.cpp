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

Result<std::string> read_advisory(const json::Value& value) {
    const auto text = value.as_string();
    const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!text || text->empty() || text->size() > kMaxAdvisory || !std::ranges::all_of(*text, visible))
        return bad_collateral("an advisory that is no name");
    return std::string(*text);
}

}  // namespace

Result<Fields> Fields::of(const json::Value& value) {
    if (!value.is_object()) return bad_collateral("not an object where one must be");
    return Fields(value);
}

const json::Value* Fields::optional(std::string_view name) {
    const json::Value* member = value_->get(name);
    if (member != nullptr) ++read_;
    return member;
}

Result<const json::Value*> Fields::need(std::string_view name) {
    const json::Value* member = optional(name);
    if (member == nullptr) return bad_collateral("no " + std::string(name));
    return member;
}

Result<std::string_view> Fields::text(std::string_view name) {
    OPENPCC_TRY(const json::Value* member, need(name));
    const auto out = member->as_string();
    if (!out) return bad_collateral(std::string(name) + " is no text");
    return *out;
}

Result<std::uint64_t> Fields::number(std::string_view name, std::uint64_t limit) {
    OPENPCC_TRY(const json::Value* member, need(name));
    const auto out = member->as_int();
    if (!out || *out < 0 || static_cast<std::uint64_t>(*out) > limit)
        return bad_collateral(std::string(name) + " is out of range");
    return static_cast<std::uint64_t>(*out);
}

Result<TimePoint> Fields::moment(std::string_view name) {
    OPENPCC_TRY(const std::string_view written, text(name));
    auto out = parse_rfc3339(written);
    if (!out || written.size() != 20) return bad_collateral(std::string(name) + " is no time");
    return *out;
}

Result<const std::vector<json::Value>*> Fields::list(std::string_view name, std::size_t limit) {
    OPENPCC_TRY(const json::Value* member, need(name));
    if (!member->is_array()) return bad_collateral(std::string(name) + " is no list");
    if (member->elements().size() > limit) return bad_collateral(std::string(name) + " is too long");
    return &member->elements();
}

Result<void> Fields::finish() const {
    if (read_ != value_->members().size()) return bad_collateral("an unknown member");
    return {};
}

Result<Grade> read_grade(Fields& level, Statuses allowed) {
    Grade out;
    OPENPCC_TRY(out.date, level.moment("tcbDate"));
    OPENPCC_TRY(const std::string_view status, level.text("tcbStatus"));
    OPENPCC_TRY(out.status,
                allowed == Statuses::kPlatform ? read_status(status, kOfPlatform) : read_status(status, kOfEnclave));
    const json::Value* advisories = level.optional("advisoryIDs");
    if (advisories == nullptr) return out;
    if (!advisories->is_array() || advisories->elements().size() > kMaxAdvisories)
        return bad_collateral("advisoryIDs is no list, or too long");
    for (const json::Value& element : advisories->elements()) {
        OPENPCC_TRY(std::string advisory, read_advisory(element));
        out.advisories.push_back(std::move(advisory));
    }
    return out;
}

Result<std::vector<SvnLevel>> read_svn_levels(Fields& owner) {
    OPENPCC_TRY(const auto* list, owner.list("tcbLevels", kMaxLevels));
    std::vector<SvnLevel> out;
    for (const json::Value& element : *list) {
        SvnLevel level;
        OPENPCC_TRY(Fields fields, Fields::of(element));
        OPENPCC_TRY(const json::Value* tcb, fields.need("tcb"));
        OPENPCC_TRY(Fields svn, Fields::of(*tcb));
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
