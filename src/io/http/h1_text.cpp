// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_text.hpp"

#include <algorithm>

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {

namespace {

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
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "";
    }
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
