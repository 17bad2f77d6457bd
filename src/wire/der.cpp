// SPDX-License-Identifier: Apache-2.0
#include "wire/der.hpp"

namespace openpcc::wire {

namespace {

struct Header {
    std::uint8_t tag;
    std::size_t size;     // of tag and length octets
    std::size_t content;  // octets that follow
};

// X.690 section 10.1: the definite form with the fewest octets. Lengths of four octets and more exceed all we read.
Result<Header> read_header(ByteView bytes) {
    constexpr std::uint8_t kLongTag = 0x1f;
    if (bytes.size() < 2 || (bytes[0] & kLongTag) == kLongTag) return fail(kBadDer);
    const std::uint8_t first = bytes[1];
    std::size_t content = first;
    std::size_t size = 2;
    if (first >= 0x80) {
        const std::size_t octets = first & 0x7f;
        if (octets == 0 || octets > 3 || bytes.size() < 2 + octets) return fail(kBadDer);
        content = 0;
        for (std::size_t i = 0; i < octets; ++i) content = content << 8 | bytes[2 + i];
        size += octets;
        if (content < 0x80 || bytes[2] == 0) return fail(kBadDer);
    }
    if (content > bytes.size() - size) return fail(kBadDer);
    return Header{bytes[0], size, content};
}

}  // namespace

std::optional<std::uint8_t> Der::peek_tag() const {
    if (bytes_.empty()) return std::nullopt;
    return bytes_[0];
}

Result<Der::Element> Der::take_any() {
    OPENPCC_TRY(const Header header, read_header(bytes_));
    const ByteView whole = bytes_.first(header.size + header.content);
    bytes_ = bytes_.subspan(whole.size());
    return Element{header.tag, whole.subspan(header.size), whole};
}

Result<ByteView> Der::take(std::uint8_t tag) {
    if (peek_tag() != tag) return fail(kBadDer);
    OPENPCC_TRY(const Element element, take_any());
    return element.content;
}

Result<Der> Der::enter(std::uint8_t tag) {
    OPENPCC_TRY(const ByteView content, take(tag));
    return Der(content);
}

Result<std::uint64_t> Der::small_integer() {
    Der ahead = *this;
    OPENPCC_TRY(ByteView content, ahead.take(kInteger));
    // X.690 section 8.3: two's complement, never empty, no octet more than needed.
    if (content.empty() || content[0] >= 0x80) return fail(kBadDer);
    if (content.size() > 1 && content[0] == 0) {
        if (content[1] < 0x80) return fail(kBadDer);
        content = content.subspan(1);
    }
    if (content.size() > sizeof(std::uint64_t)) return fail(kBadDer);
    std::uint64_t value = 0;
    for (const std::uint8_t byte : content) value = value << 8 | byte;
    *this = ahead;
    return value;
}

}  // namespace openpcc::wire
