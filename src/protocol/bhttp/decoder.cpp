// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "protocol/bhttp/bhttp.hpp"
#include "protocol/bhttp/rules.hpp"

namespace openpcc::bhttp {

namespace {

constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

// What the bytes that come next are.
enum class Reading { kInteger, kText, kContent, kPadding };
// What the integer is, or what the text that it measures is.
enum class Part { kFraming, kMethod, kScheme, kAuthority, kPath, kStatus, kSectionLength, kName, kValue, kContent };
enum class Section { kInformational, kHeader, kTrailer };

}  // namespace

struct Decoder::State {
    State(Kind kind, const Limits& all_limits, Sink& receiver) : expected(kind), limits(all_limits), sink(&receiver) {}

    Result<void> consume(ByteView bytes);
    Result<void> end();

    // The four ways of reading; each takes at least one byte off `bytes`, which is not empty.
    Result<void> read_integer(ByteView& bytes);
    Result<void> read_text(ByteView& bytes);
    Result<void> read_content(ByteView& bytes);
    Result<void> read_padding(ByteView& bytes);

    Result<void> on_integer();
    Result<void> on_framing();
    Result<void> on_status();
    Result<void> on_section_length();
    Result<void> on_text_length();
    Result<void> on_text();
    Result<void> on_name();
    Result<void> on_content_length();

    void start_head(Part first);
    void start_section(Section which);
    void start_trailers();
    Result<void> end_section();
    Result<void> deliver_head();
    // spend takes bytes off what the section and the limits allow.
    Result<void> spend(std::uint64_t count);
    bool may_end() const;

    Kind expected;
    Limits limits;
    Sink* sink;
    std::optional<Error> failed;
    bool ended = false;
    bool complete = false;
    bool known = false;

    Reading reading = Reading::kInteger;
    Part part = Part::kFraming;
    Section section = Section::kHeader;
    std::uint64_t integer = 0;
    std::size_t integer_left = 0;  // 0: not begun
    std::string text;
    std::uint64_t text_left = 0;
    std::uint64_t section_left = kUnbounded;  // bounded inside a known-length section only
    std::size_t head_left = 0;
    std::uint64_t content_left = 0;   // in this piece
    std::uint64_t content_total = 0;  // announced so far
    std::uint64_t padding = 0;
    std::size_t informational = 0;

    http::RequestHead request;
    std::uint16_t status = 0;
    std::string name;
    http::Fields fields;
};

Result<void> Decoder::State::consume(ByteView bytes) {
    while (!bytes.empty()) {
        switch (reading) {
            case Reading::kInteger:
                OPENPCC_CHECK(read_integer(bytes));
                break;
            case Reading::kText:
                OPENPCC_CHECK(read_text(bytes));
                break;
            case Reading::kContent:
                OPENPCC_CHECK(read_content(bytes));
                break;
            case Reading::kPadding:
                OPENPCC_CHECK(read_padding(bytes));
                break;
        }
    }
    return {};
}

Result<void> Decoder::State::spend(std::uint64_t count) {
    // A field that reaches over the end of its section (RFC 9292 section 3.6).
    if (count > section_left) return fail(kMalformed, "field beyond its section");
    if (count > head_left) return fail(kTooLarge, "head");
    if (section_left != kUnbounded) section_left -= count;
    head_left -= static_cast<std::size_t>(count);
    return {};
}

Result<void> Decoder::State::read_integer(ByteView& bytes) {
    const bool in_head = part != Part::kFraming && part != Part::kSectionLength && part != Part::kContent;
    if (in_head) OPENPCC_CHECK(spend(1));
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    if (integer_left == 0) {
        integer_left = std::size_t{1} << (byte >> 6);
        integer = byte & 0x3f;
    } else {
        integer = integer << 8 | byte;
    }
    return --integer_left > 0 ? Result<void>{} : on_integer();
}

Result<void> Decoder::State::read_text(ByteView& bytes) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(text_left, bytes.size()));
    text.append(as_text(bytes.first(count)));
    bytes = bytes.subspan(count);
    text_left -= count;
    return text_left > 0 ? Result<void>{} : on_text();
}

Result<void> Decoder::State::read_content(ByteView& bytes) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(content_left, bytes.size()));
    OPENPCC_CHECK(sink->content(bytes.first(count)));
    bytes = bytes.subspan(count);
    content_left -= count;
    if (content_left > 0) return {};
    reading = Reading::kInteger;
    if (known) start_trailers();
    return {};
}

Result<void> Decoder::State::read_padding(ByteView& bytes) {
    const std::size_t allowed = limits.padding_bytes - static_cast<std::size_t>(padding);
    const ByteView judged = bytes.first(std::min(allowed, bytes.size()));
    // RFC 9292 section 3.8: non-zero padding bytes cause a message to be invalid.
    if (std::ranges::any_of(judged, [](std::uint8_t byte) { return byte != 0; })) return fail(kMalformed, "padding");
    if (bytes.size() > allowed) return fail(kTooLarge, "padding");
    padding += bytes.size();
    bytes = {};
    return {};
}

Result<void> Decoder::State::on_integer() {
    switch (part) {
        case Part::kFraming:
            return on_framing();
        case Part::kStatus:
            return on_status();
        case Part::kSectionLength:
            return on_section_length();
        case Part::kContent:
            return on_content_length();
        default:
            return on_text_length();
    }
}

Result<void> Decoder::State::on_framing() {
    if (integer > 3) return fail(kMalformed, "framing indicator");
    known = integer < 2;
    const Kind kind = integer % 2 == 0 ? Kind::kRequest : Kind::kResponse;
    if (kind != expected) return fail(kMalformed, "a request where a response belongs, or the reverse");
    start_head(kind == Kind::kRequest ? Part::kMethod : Part::kStatus);
    return {};
}

void Decoder::State::start_head(Part first) {
    part = first;
    head_left = limits.head_bytes;
}

Result<void> Decoder::State::on_status() {
    // RFC 9292 section 3.5: 100 to 199 precede one final status of 200 to 599.
    if (integer < 100 || integer > 599) return fail(kMalformed, "status");
    status = static_cast<std::uint16_t>(integer);
    if (status < 200 && ++informational > limits.informational) return fail(kTooLarge, "informational responses");
    start_section(status < 200 ? Section::kInformational : Section::kHeader);
    return {};
}

void Decoder::State::start_section(Section which) {
    section = which;
    fields = {};
    reading = Reading::kInteger;
    part = known ? Part::kSectionLength : Part::kName;
}

Result<void> Decoder::State::on_section_length() {
    if (integer == 0) return end_section();
    if (integer > head_left) return fail(kTooLarge, "field section");
    section_left = integer;
    part = Part::kName;
    return {};
}

Result<void> Decoder::State::on_text_length() {
    if (part == Part::kName) {
        if (integer == 0) return known ? Result<void>(fail(kMalformed, "empty field name")) : end_section();
        if (fields.size() >= limits.field_count) return fail(kTooLarge, "number of fields");
    }
    OPENPCC_CHECK(spend(integer));
    text.clear();
    text_left = integer;
    if (text_left == 0) return on_text();
    reading = Reading::kText;
    return {};
}

Result<void> Decoder::State::on_text() {
    reading = Reading::kInteger;
    switch (part) {
        case Part::kMethod:
            if (!http::is_token(text)) return fail(kMalformed, "method");
            request.method = std::exchange(text, {});
            part = Part::kScheme;
            return {};
        case Part::kScheme:
            if (!is_scheme(text)) return fail(kMalformed, "scheme");
            request.scheme = std::exchange(text, {});
            part = Part::kAuthority;
            return {};
        case Part::kAuthority:
            if (!is_authority(text)) return fail(kMalformed, "authority");
            request.authority = std::exchange(text, {});
            part = Part::kPath;
            return {};
        case Part::kPath:
            if (!is_path(text)) return fail(kMalformed, "path");
            request.path = std::exchange(text, {});
            start_section(Section::kHeader);
            return {};
        case Part::kName:
            return on_name();
        default:
            break;
    }
    // RFC 9292 section 3.6: a value that would make an HTTP/2 message malformed makes this one invalid.
    if (!http::is_field_value(text)) return fail(kMalformed, "field value");
    fields.add(std::exchange(name, {}), std::exchange(text, {}));
    part = Part::kName;
    return section_left == 0 ? end_section() : Result<void>{};
}

Result<void> Decoder::State::on_name() {
    if (text.starts_with(':')) {
        // RFC 9292 section 3.6: never the five that control data replaces, never in trailers, never after other fields.
        const bool first = fields.empty() || fields.list().back().name.starts_with(':');
        if (limits.pseudo_fields == PseudoFields::kRefuse || section == Section::kTrailer || !first ||
            !is_extension_pseudo_field(text))
            return fail(kMalformed, "pseudo-field");
    } else if (!http::is_field_name(text)) {
        return fail(kMalformed, "field name");
    }
    name = std::exchange(text, {});
    part = Part::kValue;
    return {};
}

Result<void> Decoder::State::end_section() {
    section_left = kUnbounded;
    part = Part::kContent;
    switch (section) {
        case Section::kInformational:
            start_head(Part::kStatus);
            return sink->informational({.status = status, .fields = std::exchange(fields, {})});
        case Section::kHeader:
            return deliver_head();
        case Section::kTrailer:
            break;
    }
    complete = true;
    reading = Reading::kPadding;
    return sink->trailers(std::exchange(fields, {}));
}

Result<void> Decoder::State::deliver_head() {
    if (expected == Kind::kResponse)
        return sink->response_head({.status = status, .fields = std::exchange(fields, {})});
    request.fields = std::exchange(fields, {});
    return sink->request_head(std::exchange(request, {}));
}

Result<void> Decoder::State::on_content_length() {
    if (integer == 0) {
        start_trailers();
        return {};
    }
    if (integer > limits.content_bytes - content_total) return fail(kTooLarge, "content");
    content_total += integer;
    content_left = integer;
    reading = Reading::kContent;
    return {};
}

void Decoder::State::start_trailers() {
    start_head(Part::kName);
    start_section(Section::kTrailer);
}

bool Decoder::State::may_end() const {
    if (reading == Reading::kPadding) return true;
    if (reading != Reading::kInteger || integer_left != 0) return false;
    // RFC 9292 section 3.8: a message may end where everything that is left out is empty, but not inside a section and
    // not, in the indeterminate form, between a piece of content and the zero that ends the content.
    switch (part) {
        case Part::kSectionLength:
            return section != Section::kInformational;
        case Part::kName:
            return !known && section != Section::kInformational && fields.empty();
        case Part::kContent:
            return known || content_total == 0;
        default:
            return false;
    }
}

Result<void> Decoder::State::end() {
    if (!may_end()) return fail(kTruncated);
    ended = true;
    if (complete) return {};
    if (section == Section::kHeader && part != Part::kContent) OPENPCC_CHECK(deliver_head());
    complete = true;
    return sink->trailers({});
}

Result<void> Sink::fail_unexpected() { return fail(core::kInternal, "a sink without the head that it expects"); }

Decoder::Decoder(Kind expected, Limits limits, Sink& sink) : state_(std::make_unique<State>(expected, limits, sink)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;

Result<void> Decoder::update(ByteView bytes) {
    if (state_->failed) return std::unexpected(*state_->failed);
    if (bytes.empty()) return {};
    Result<void> result =
        state_->ended ? Result<void>(fail(kMalformed, "bytes after the end")) : state_->consume(bytes);
    if (!result) state_->failed = result.error();
    return result;
}

Result<void> Decoder::finish() {
    if (state_->failed) return std::unexpected(*state_->failed);
    if (state_->ended) return {};
    Result<void> result = state_->end();
    if (!result) state_->failed = result.error();
    return result;
}

bool Decoder::complete() const { return state_->complete; }
std::uint64_t Decoder::padding_length() const { return state_->padding; }
bool Decoder::known_length() const { return state_->known; }

}  // namespace openpcc::bhttp
