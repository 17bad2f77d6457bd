// SPDX-License-Identifier: Apache-2.0
// An answer's head means the same however it is cut, and what is accepted can be written and read again.
#include "core/assert.hpp"
#include "io/http/h1_head.hpp"
#include "io/http/h1_text.hpp"

using namespace openpcc;
using namespace openpcc::http::h1;

namespace {

constexpr HeadLimits kLimits{.bytes = 4096, .fields = 16};

struct Outcome {
    std::string error;
    std::size_t taken = 0;
    bool done = false;
    http::ResponseHead head;
    Framing framing;
    bool persistent = false;
    bool operator==(const Outcome&) const = default;
};

Outcome read(ByteView input, std::size_t cut, std::string_view method) {
    ReceivedResponse received(kLimits, method);
    Outcome out;
    for (const std::size_t end : {cut, input.size()}) {
        const auto step = received.feed(input.subspan(out.taken, end - out.taken));
        if (!step) return {.error = std::string(step.error().name())};
        out.taken += *step;
        OPENPCC_ASSERT(received.done() || out.taken == end);
    }
    out.done = received.done();
    if (!out.done) return out;
    out.framing = received.framing();
    out.persistent = received.persistent();
    out.head = received.take();
    return out;
}

void check_round_trip(const Outcome& first, std::string_view method) {
    if (first.head.status < 200) return;  // interim answers are never written from a head
    const FramingFields own{.chunked = first.framing.kind == Framing::Kind::kChunked};
    const auto text = response_text(first.head, own);
    OPENPCC_ASSERT(text.has_value());
    if (text->size() > kLimits.bytes) return;
    const Outcome second = read(as_bytes(*text), text->size(), method);
    OPENPCC_ASSERT(second.done && second.taken == text->size());
    OPENPCC_ASSERT(second.head == first.head && second.framing == first.framing);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    for (const std::string_view method : {"GET", "HEAD"}) {
        const Outcome whole = read(input, size, method);
        const std::size_t step = size / 256 + 1;
        for (std::size_t cut = 0; cut < size; cut += step) OPENPCC_ASSERT(read(input, cut, method) == whole);
        if (whole.done) check_round_trip(whole, method);
    }
    return 0;
}
