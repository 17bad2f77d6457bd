// SPDX-License-Identifier: Apache-2.0
// Binary HTTP, as a request and as a response: every split gives the same result, nothing goes beyond the limits, and
// what was read can be written and reads the same again.
#include "protocol/bhttp/bhttp.hpp"

#include "core/assert.hpp"
#include "protocol/bhttp/test_sink.hpp"

namespace openpcc::bhttp {
namespace {

constexpr Limits kLimits{
    .head_bytes = 4096, .field_count = 32, .informational = 4, .content_bytes = 8192, .padding_bytes = 1024};

std::size_t size_of(const http::Fields& fields) {
    std::size_t size = 0;
    for (const http::Field& field : fields.list()) {
        OPENPCC_ASSERT(http::is_field_name(field.name) && http::is_field_value(field.value));
        size += field.name.size() + field.value.size();
    }
    return size;
}

void check_limits(const Outcome& outcome) {
    OPENPCC_ASSERT(outcome.interim.size() <= kLimits.informational);
    OPENPCC_ASSERT(outcome.body.size() <= kLimits.content_bytes && outcome.padding <= kLimits.padding_bytes);
    OPENPCC_ASSERT(outcome.trailers_seen <= 1);
    for (const http::Fields* fields : {&outcome.request.fields, &outcome.response.fields, &outcome.last}) {
        OPENPCC_ASSERT(fields->size() <= kLimits.field_count);
        OPENPCC_ASSERT(size_of(*fields) <= kLimits.head_bytes);
    }
}

void check_round_trip(Kind kind, const Outcome& outcome) {
    Bytes written;
    if (kind == Kind::kRequest)
        written = encode(Request{.head = outcome.request, .content = outcome.body, .trailers = outcome.last});
    else
        written = encode(Response{.informational = outcome.interim,
                                  .head = outcome.response,
                                  .content = outcome.body,
                                  .trailers = outcome.last});
    // Lengths are written in their shortest form, so what fitted the limits still does.
    Outcome again = decode_in_pieces(kind, kLimits, written, written.size());
    again.padding = outcome.padding;
    OPENPCC_ASSERT(again == outcome);
}

void check(Kind kind, ByteView message) {
    const Outcome whole = decode_in_pieces(kind, kLimits, message, std::max<std::size_t>(1, message.size()));
    for (const std::size_t piece : {1UL, 2UL, 7UL, 64UL})
        OPENPCC_ASSERT(decode_in_pieces(kind, kLimits, message, piece) == whole);
    check_limits(whole);
    if (!whole.error.empty()) return;
    check_round_trip(kind, whole);
    http::Fields fields = whole.request.fields;
    strip_connection_fields(fields);
    OPENPCC_ASSERT(fields.count("connection") == 0 && fields.count("transfer-encoding") == 0);
}

}  // namespace
}  // namespace openpcc::bhttp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openpcc::bhttp;
    check(Kind::kRequest, {data, size});
    check(Kind::kResponse, {data, size});
    return 0;
}
