// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "core/assert.hpp"
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/bhttp/rules.hpp"
#include "wire/writer.hpp"

namespace openpcc::bhttp {

namespace {

// RFC 9292 section 3.1.
enum class Framing : std::uint8_t { kKnownRequest, kKnownResponse, kStreamRequest, kStreamResponse };

void write_framing(wire::Writer& out, Framing framing) { out.varint(static_cast<std::uint8_t>(framing)); }

void write_text(wire::Writer& out, std::string_view text) { out.varint(text.size()).raw(as_bytes(text)); }

void write_fields(wire::Writer& out, const http::Fields& fields) {
    for (const http::Field& field : fields.list()) {
        OPENPCC_ASSERT(http::is_field_name(field.name) && http::is_field_value(field.value));
        write_text(out, field.name);
        write_text(out, field.value);
    }
}

void write_known_section(wire::Writer& out, const http::Fields& fields) {
    wire::Writer section;
    write_fields(section, fields);
    out.varint(section.size()).raw(section.view());
}

void write_stream_section(wire::Writer& out, const http::Fields& fields) {
    write_fields(out, fields);
    out.varint(0);
}

void write_control(wire::Writer& out, const http::RequestHead& head) {
    OPENPCC_ASSERT(http::is_token(head.method) && is_scheme(head.scheme) && is_authority(head.authority) &&
                   is_path(head.path));
    write_text(out, head.method);
    write_text(out, head.scheme);
    write_text(out, head.authority);
    write_text(out, head.path);
}

void write_informational(wire::Writer& out, const http::ResponseHead& head) {
    OPENPCC_ASSERT(head.status >= 100 && head.status <= 199);
    out.varint(head.status);
}

void write_final(wire::Writer& out, const http::ResponseHead& head) {
    OPENPCC_ASSERT(head.status >= 200 && head.status <= 599);
    out.varint(head.status);
}

// Collects a whole message; the limits of its decoder bound it.
class Collector final : public Sink {
  public:
    Result<void> request_head(http::RequestHead head) override {
        request.head = std::move(head);
        return {};
    }
    Result<void> response_head(http::ResponseHead head) override {
        response.head = std::move(head);
        return {};
    }
    Result<void> informational(http::ResponseHead head) override {
        response.informational.push_back(std::move(head));
        return {};
    }
    Result<void> content(ByteView bytes) override {
        body.append(bytes);
        return {};
    }
    Result<void> trailers(http::Fields fields) override {
        last = std::move(fields);
        return {};
    }

    Result<void> run(Kind kind, const Limits& limits, ByteView bytes) {
        Decoder decoder(kind, limits, *this);
        OPENPCC_CHECK(decoder.update(bytes));
        return decoder.finish();
    }

    Request request;
    Response response;
    Bytes body;
    http::Fields last;
};

bool is_about_connection(std::string_view name) {
    constexpr std::string_view kNames[] = {"connection", "keep-alive", "te", "transfer-encoding", "upgrade"};
    return name.starts_with(':') || name.starts_with("proxy-") || std::ranges::find(kNames, name) != std::end(kNames);
}

// names reads the members of a Connection value, in lower case.
std::vector<std::string> names(std::string_view list) {
    std::vector<std::string> out(1);
    for (const char c : list) {
        if (c == ',')
            out.emplace_back();
        else if (c != ' ' && c != '\t')
            out.back().push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return out;
}

}  // namespace

Bytes encode_request_head(const http::RequestHead& head) {
    wire::Writer out;
    write_framing(out, Framing::kStreamRequest);
    write_control(out, head);
    write_stream_section(out, head.fields);
    return std::move(out).take();
}

Bytes encode_response_head(const http::ResponseHead& head) {
    return concat(encode_response_start(), encode_final_head(head));
}

Bytes encode_response_start() { return {static_cast<std::uint8_t>(Framing::kStreamResponse)}; }

Bytes encode_informational(const http::ResponseHead& head) {
    wire::Writer out;
    write_informational(out, head);
    write_stream_section(out, head.fields);
    return std::move(out).take();
}

Bytes encode_final_head(const http::ResponseHead& head) {
    wire::Writer out;
    write_final(out, head);
    write_stream_section(out, head.fields);
    return std::move(out).take();
}

Bytes content_prefix(std::size_t size) {
    OPENPCC_ASSERT(size > 0);  // a zero would end the content
    wire::Writer out;
    out.varint(size);
    return std::move(out).take();
}

Bytes encode_end(const http::Fields& trailers) {
    wire::Writer out;
    out.varint(0);
    write_stream_section(out, trailers);
    return std::move(out).take();
}

void strip_connection_fields(http::Fields& fields) {
    std::vector<std::string> doomed;
    for (const http::Field& field : fields.list()) {
        if (is_about_connection(field.name)) doomed.push_back(field.name);
        if (field.name == "connection") std::ranges::move(names(field.value), std::back_inserter(doomed));
    }
    for (const std::string& name : doomed) fields.remove(name);
}

Bytes encode(const Request& request) {
    wire::Writer out;
    write_framing(out, Framing::kKnownRequest);
    write_control(out, request.head);
    write_known_section(out, request.head.fields);
    out.varint(request.content.size()).raw(request.content);
    write_known_section(out, request.trailers);
    return std::move(out).take();
}

Bytes encode(const Response& response) {
    wire::Writer out;
    write_framing(out, Framing::kKnownResponse);
    for (const http::ResponseHead& head : response.informational) {
        write_informational(out, head);
        write_known_section(out, head.fields);
    }
    write_final(out, response.head);
    write_known_section(out, response.head.fields);
    out.varint(response.content.size()).raw(response.content);
    write_known_section(out, response.trailers);
    return std::move(out).take();
}

Result<Request> decode_request(ByteView bytes, Limits limits) {
    Collector collector;
    OPENPCC_CHECK(collector.run(Kind::kRequest, limits, bytes));
    collector.request.content = std::move(collector.body);
    collector.request.trailers = std::move(collector.last);
    return std::move(collector.request);
}

Result<Response> decode_response(ByteView bytes, Limits limits) {
    Collector collector;
    OPENPCC_CHECK(collector.run(Kind::kResponse, limits, bytes));
    collector.response.content = std::move(collector.body);
    collector.response.trailers = std::move(collector.last);
    return std::move(collector.response);
}

}  // namespace openpcc::bhttp
