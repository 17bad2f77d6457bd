// SPDX-License-Identifier: Apache-2.0
#include "verifier/edits.hpp"

#include <algorithm>

namespace openpcc::hostile {

namespace {

constexpr TimePoint kFirst{Seconds(0)};
constexpr TimePoint kLast{Seconds(253'402'300'799)};

void add_number(ByteView value, ByteSpan out) {
    unsigned carry = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(8, out.size()); ++i) {
        // A number that is shorter than its field is negative when its last byte says so.
        const unsigned sign = !value.empty() && value.back() > 0x7f ? 0xff : 0;
        const unsigned sum = out[i] + (i < value.size() ? value[i] : sign) + carry;
        out[i] = static_cast<std::uint8_t>(sum);
        carry = sum >> 8;
    }
}

}  // namespace

void apply_fixed(const Edit& edit, ByteSpan value) {
    const std::size_t from = std::min<std::size_t>(edit.at, value.size());
    const ByteSpan rest = value.subspan(from);
    const std::size_t count = std::min(edit.value.size(), rest.size());
    const std::size_t size = std::min<std::size_t>(edit.size, rest.size());
    switch (edit.op) {
        case Op::kSet:
        case Op::kInsert:
            std::copy_n(edit.value.begin(), count, rest.begin());
            return;
        case Op::kXor:
            for (std::size_t i = 0; i < count; ++i) rest[i] ^= edit.value[i];
            return;
        case Op::kAdd:
            add_number(edit.value, rest);
            return;
        case Op::kCut:
            std::fill_n(rest.begin(), size, std::uint8_t{0});
            return;
        case Op::kCopy:
            std::copy_n(Bytes(rest.first(size)).begin(), std::min(size, rest.size() - size),
                        rest.subspan(size).begin());
            return;
        case Op::kSwap:
            if (!rest.empty() && edit.size < value.size()) std::swap(rest[0], value[edit.size]);
            return;
    }
}

void apply_free(const Edit& edit, Bytes& value) {
    const std::size_t from = std::min<std::size_t>(edit.at, value.size());
    const std::size_t size = std::min<std::size_t>(edit.size, value.size() - from);
    const ByteView all = value;
    Bytes out;
    switch (edit.op) {
        case Op::kSet:
            out = edit.value;
            break;
        case Op::kInsert:
            out = concat(all.first(from), edit.value, all.subspan(from));
            break;
        case Op::kCut:
            out = concat(all.first(from), all.subspan(from + size));
            break;
        case Op::kCopy:
            out = concat(all.first(from + size), all.subspan(from));
            break;
        default:
            out = value;
            apply_fixed(edit, out.span());
    }
    if (out.size() <= Edits::kLongest) value = std::move(out);
}

void Edits::field(std::string_view name, TimePoint& value) {
    known_.push_back({std::string(name), sizeof(std::int64_t)});
    each(name, value, [](const Edit& edit, TimePoint& moment) {
        std::int64_t seconds = moment.time_since_epoch().count();
        apply_fixed(edit, ByteSpan(reinterpret_cast<std::uint8_t*>(&seconds), sizeof seconds));
        moment = std::clamp(TimePoint(Seconds(seconds)), kFirst, kLast);
    });
}

void Edits::field(std::string_view name, Bytes& value) {
    known_.push_back({std::string(name), value.size()});
    each(name, value, apply_free);
}

void Edits::field(std::string_view name, std::string& value) {
    Bytes bytes = to_bytes(value);
    field(name, bytes);
    value = to_string(bytes);
}

void Edits::name(std::string_view name, std::string& value) {
    field(name, value);
    value.resize(std::min<std::size_t>(value.size(), 64));
    std::ranges::replace_if(value, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
}

bool Edits::touches(std::string_view prefix) const {
    return std::ranges::any_of(recipe_.edits, [&](const Edit& edit) { return edit.field.starts_with(prefix); });
}

bool Edits::has_changed(std::string_view prefix) const {
    return std::ranges::any_of(changed_, [&](const std::string& name) { return name.starts_with(prefix); });
}

}  // namespace openpcc::hostile
