// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_text.hpp"

#include <algorithm>

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {

namespace {

struct Phrase {
    std::uint16_t status;
    std::string_view text;
};
constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

Result<void> add_fields(std::string& out, const Fields& fields, FramingFields own) {
    for (const Field& field : fields.list()) {
        if (!is_field_name(field.name) || !is_field_value(field.value))
            return fail(kMisuse, "a field cannot be written");
        if (is_connection_field(field.name) || field.name == "host") {
            return fail(kMisuse, "a field of the connection is not the caller's");
        }
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    if (own.chunked) out.append("transfer-encoding: chunked\r\n");
    if (own.close) out.append("connection: close\r\n");
    out.append("\r\n");
    return {};
}

}  // namespace

std::string_view reason_phrase(std::uint16_t status) {
    const auto* const found = std::ranges::find(kPhrases, status, &Phrase::status);
    return found == std::end(kPhrases) ? std::string_view() : found->text;
}

Result<std::string> request_text(const RequestHead& head, std::string_view host, FramingFields own) {
    // The path is checked by the reader's rules in a cheaper form: nothing that could end the request line.
    const bool path_ok =
        head.path.starts_with('/') && std::ranges::all_of(head.path, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!is_token(head.method) || !path_ok) return fail(kMisuse, "a request line cannot be written");
    std::string out;
    out.reserve(512);
    out.append(head.method).append(" ").append(head.path).append(" HTTP/1.1\r\nhost: ").append(host).append("\r\n");
    OPENPCC_CHECK(add_fields(out, head.fields, own));
    return out;
}

Result<std::string> response_text(const ResponseHead& head, FramingFields own) {
    if (head.status < 200 || head.status > 599) return fail(kMisuse, "not a final status");
    std::string out;
    out.reserve(512);
    out.append("HTTP/1.1 ")
        .append(std::to_string(head.status))
        .append(" ")
        .append(reason_phrase(head.status))
        .append("\r\n");
    OPENPCC_CHECK(add_fields(out, head.fields, own));
    return out;
}

}  // namespace openpcc::http::h1
