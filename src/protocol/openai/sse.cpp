// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/sse.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "protocol/openai/errors.hpp"

namespace openpcc::openai {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool ends_line(std::uint8_t byte) { return byte == '\n' || byte == '\r'; }

}  // namespace

Result<void> SseReader::update(ByteView bytes, const OnData& on_data) {
    while (!bytes.empty()) {
        if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
            bytes = bytes.subspan(1);
            continue;
        }
        const auto end = std::ranges::find_if(bytes, ends_line);
        const auto length = static_cast<std::size_t>(end - bytes.begin());
        if (line_.size() + length > kMostBytes) return fail(kBadAnswer, "a line of the event stream is too long");
        line_.append(bytes.first(length));
        if (end == bytes.end()) return {};
        after_cr_ = *end == '\r';
        bytes = bytes.subspan(length + 1);
        OPENPCC_CHECK(end_line(on_data));
    }
    return {};
}

Result<void> SseReader::end_line(const OnData& on_data) {
    if (std::exchange(first_line_, false) &&
        line_.with([](ByteView line) { return as_text(line).starts_with(kByteOrderMark); }))
        line_.erase_front(kByteOrderMark.size());
    if (!line_.empty()) {
        OPENPCC_CHECK(line_.with([this](ByteView line) { return field(line); }));
        line_.clear();
        return {};
    }
    if (!std::exchange(has_data_, false)) return {};
    const Plaintext data = std::move(data_);
    return data.with([&](ByteView view) { return on_data(view); });
}

Result<void> SseReader::field(ByteView line) {
    const std::string_view text = as_text(line);
    const std::size_t colon = text.find(':');
    if (colon == 0) return {};  // a comment, as servers send to keep a connection alive
    const std::string_view name = text.substr(0, colon);
    // llama-server has written its errors as a field of that name.
    if (name == "error") return fail(kBadAnswer, "the engine reports an error");
    if (name != "data") return {};
    std::size_t begin = colon == std::string_view::npos ? line.size() : colon + 1;
    if (begin < line.size() && line[begin] == ' ') ++begin;
    const ByteView value = line.subspan(begin);
    if (data_.size() + value.size() + 1 > kMostBytes) return fail(kBadAnswer, "an event is too long");
    if (has_data_) data_.append(as_bytes("\n"));
    data_.append(value);
    has_data_ = true;
    return {};
}

}  // namespace openpcc::openai
