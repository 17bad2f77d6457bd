// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/members.hpp"

namespace openpcc::policy {

namespace {

constexpr std::size_t kMaxFile = 256 << 10;
constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxPath = 96;

}  // namespace

std::unexpected<Error> bad(std::string_view path, std::string_view what) {
    std::string text = "member `";
    for (char c : path.substr(0, kMaxPath)) text += c > 0x20 && c < 0x7f ? c : '?';
    return fail(kBadPolicy, text + "`: " + std::string(what));
}

Result<json::Value> read_json(ByteView text) {
    if (text.size() > kMaxFile) return fail(kBadPolicy, "longer than 256 KiB");
    auto value = json::parse(text, kMaxDepth);
    if (!value) return fail(kBadPolicy, "not strict JSON (a member that stands twice is an error as well)");
    return value;
}

bool is_printable(std::string_view text, std::size_t limit) {
    return !text.empty() && text.size() <= limit &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_advisory(std::string_view text) {
    constexpr std::size_t kLimit = 64;
    return !text.empty() && text.size() <= kLimit && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

Result<Members> Members::of(const json::Value& value, std::string path) {
    if (!value.is_object()) return bad(path.empty() ? "(the file)" : path, "not an object");
    return Members(value, std::move(path));
}

std::string Members::path(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

Result<const json::Value*> Members::get(std::string_view name) {
    const json::Value* value = object_->get(name);
    if (value == nullptr) return bad(path(name), "missing");
    known_.push_back(name);
    return value;
}

Result<std::string> Members::text(std::string_view name) {
    OPENPCC_TRY(const json::Value* value, get(name));
    return read_text(*value, path(name));
}

Result<std::int64_t> Members::number(std::string_view name, std::int64_t least, std::int64_t most) {
    OPENPCC_TRY(const json::Value* value, get(name));
    const auto out = value->as_int();
    if (!out || *out < least || *out > most)
        return bad(path(name), "not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return *out;
}

Result<bool> Members::truth(std::string_view name) {
    OPENPCC_TRY(const json::Value* value, get(name));
    const auto out = value->as_bool();
    if (!out) return bad(path(name), "not true or false");
    return *out;
}

Result<TimePoint> Members::moment(std::string_view name) {
    OPENPCC_TRY(const std::string found, text(name));
    const auto out = parse_rfc3339(found);
    if (!out) return bad(path(name), "not a time like 2026-11-25T07:00:00Z");
    return *out;
}

Result<Members> Members::object(std::string_view name) {
    OPENPCC_TRY(const json::Value* value, get(name));
    return of(*value, path(name));
}

Result<const std::vector<json::Value>*> Members::list(std::string_view name, std::size_t limit) {
    OPENPCC_TRY(const json::Value* value, get(name));
    if (!value->is_array()) return bad(path(name), "not a list");
    if (value->elements().size() > limit) return bad(path(name), "more than " + std::to_string(limit) + " entries");
    return &value->elements();
}

Result<void> Members::finish() const {
    for (const json::Member& member : object_->members())
        if (std::ranges::find(known_, member.first) == known_.end()) return bad(path(member.first), "unknown");
    return {};
}

Result<std::string> read_text(const json::Value& value, const std::string& path) {
    const auto out = value.as_string();
    if (!out) return bad(path, "not a string");
    return std::string(*out);
}

Result<std::string> read_advisory(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(std::string out, read_text(value, path));
    if (!is_advisory(out)) return bad(path, "not an advisory such as INTEL-SA-01036");
    return out;
}

}  // namespace openpcc::policy
