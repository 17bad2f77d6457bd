// SPDX-License-Identifier: Apache-2.0
// What the reader accepts has one encoding: written again from tag and content, it gives the same bytes.
#include "wire/der.hpp"

#include "core/assert.hpp"

namespace {

using openpcc::Bytes;
using openpcc::ByteView;
using openpcc::wire::Der;

Bytes written(std::uint8_t tag, ByteView content) {
    Bytes out{tag};
    if (content.size() < 0x80) {
        out.push_back(static_cast<std::uint8_t>(content.size()));
    } else {
        Bytes length;
        for (std::size_t left = content.size(); left > 0; left >>= 8)
            length = openpcc::concat(Bytes{static_cast<std::uint8_t>(left)}, length);
        out.push_back(static_cast<std::uint8_t>(0x80 | length.size()));
        out.append(length);
    }
    out.append(content);
    return out;
}

void walk(Der der, int depth) {
    while (!der.done()) {
        Der integer = der;
        Der again = der;
        const auto element = der.take_any();
        if (!element) return;
        OPENPCC_ASSERT(written(element->tag, element->content) == Bytes(element->whole));
        OPENPCC_ASSERT(again.peek_tag() == element->tag);
        OPENPCC_ASSERT(openpcc::equal(*again.take(element->tag), element->content));
        if (const auto value = integer.small_integer())
            OPENPCC_ASSERT(element->tag == Der::kInteger && element->content.size() <= 9);
        if ((element->tag & 0x20) != 0 && depth < 16) walk(Der(element->content), depth + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    walk(Der({data, size}), 0);
    return 0;
}
