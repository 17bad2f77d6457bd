// SPDX-License-Identifier: Apache-2.0
// Chunked content is the same however it is cut, and its content survives being coded again.
#include "core/assert.hpp"
#include "io/http/h1_chunked.hpp"

#include <charconv>
#include <string>

using namespace openpcc;
using namespace openpcc::http::h1;

namespace {

struct Outcome {
    std::string error;
    std::string content;
    std::size_t taken = 0;
    bool done = false;
    bool operator==(const Outcome&) const = default;
};

Outcome read(ByteView input, std::size_t cut) {
    Chunked chunked;
    Outcome out;
    for (const std::size_t end : {cut, input.size()}) {
        while (out.taken < end && !chunked.done()) {
            const auto step = chunked.next(input.subspan(out.taken, end - out.taken));
            if (!step) {
                out.error = step.error().name();
                out.taken = 0;  // where an error is noticed depends on the cut, what came before it does not
                return out;
            }
            OPENPCC_ASSERT(step->taken > 0 && step->content.size() <= step->taken);
            out.taken += step->taken;
            out.content.append(as_text(step->content));
        }
    }
    out.done = chunked.done();
    return out;
}

std::string encode(std::string_view content) {
    std::string out;
    if (!content.empty()) {
        char digits[16];
        char* const end = std::to_chars(digits, digits + sizeof digits, content.size(), 16).ptr;
        out.append(static_cast<const char*>(digits), static_cast<const char*>(end))
            .append("\r\n")
            .append(content)
            .append("\r\n");
    }
    return out.append("0\r\n\r\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const Outcome whole = read(input, size);
    const std::size_t step = size / 256 + 1;
    for (std::size_t cut = 0; cut < size; cut += step) OPENPCC_ASSERT(read(input, cut) == whole);
    const std::string again = encode(whole.content);
    const Outcome second = read(as_bytes(again), again.size() / 2);
    OPENPCC_ASSERT(second.done && second.taken == again.size() && second.content == whole.content);
    return 0;
}
