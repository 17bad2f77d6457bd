// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {

namespace {

constexpr std::size_t kLongestMethod = 32;
constexpr std::size_t kLongestAuthority = 261;  // a name of 253 bytes, a colon, a port

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}
bool same_text(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// RFC 3986: origin-form is an absolute path and an optional query; a fragment is never sent. Every other byte has to be
// percent-encoded.
bool is_origin_form(std::string_view target) {
    constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?%";
    if (!target.starts_with('/')) return false;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const char c = target[i];
        if (!is_alnum(c) && kMarks.find(c) == std::string_view::npos) return false;
        if (c == '%' && (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2]))) return false;
    }
    return true;
}

// uri-host [":" port] without user, spaces or lists; empty is allowed (RFC 9110 section 7.2).
bool is_authority(std::string_view text) {
    constexpr std::string_view kMarks = "-._~:[]";
    return text.size() <= kLongestAuthority &&
           std::ranges::all_of(text, [&](char c) { return is_alnum(c) || kMarks.find(c) != std::string_view::npos; });
}

// each_option walks a comma-separated list; an empty element is no option.
template <class Fn>
bool each_option(std::string_view list, Fn&& fn) {
    for (;;) {
        const std::size_t comma = list.find(',');
        const std::string_view option = trim(list.substr(0, comma));
        if (!is_token(option) || !fn(lowered(option))) return false;
        if (comma == std::string_view::npos) return true;
        list.remove_prefix(comma + 1);
    }
}

std::unexpected<Error> malformed(const char* why) { return fail(kMalformed, why); }

}  // namespace

Result<std::uint64_t> parse_length(std::string_view text) {
    std::uint64_t length = 0;
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return malformed("Content-Length is not a number");
    if (text.size() > 1 && text.front() == '0') return malformed("Content-Length has a leading zero");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || length >> 63 != 0) return malformed("Content-Length is too large to count");
    return length;
}

bool is_connection_field(std::string_view name) {
    constexpr std::array<std::string_view, 9> kNames{"connection", "keep-alive", "proxy-connection",
                                                     "te",         "trailer",    "transfer-encoding",
                                                     "upgrade",    "expect",     "http2-settings"};
    return std::ranges::find(kNames, name) != kNames.end();
}

Result<std::size_t> Lines::feed(ByteView in) {
    std::size_t at = 0;
    while (at < in.size() && !has_line_) {
        if (left_ == 0) return fail(kTooLarge, "the head is too long");
        const std::uint8_t byte = in[at];
        if (after_cr_ && byte != '\n') return malformed("CR without LF");
        if (byte == '\r' || byte == '\n') {
            if (byte == '\n' && !after_cr_) return malformed("LF without CR");
            has_line_ = byte == '\n';
            after_cr_ = byte == '\r';
            ++at;
            --left_;
            continue;
        }
        const std::size_t end = std::min(in.size(), at + left_);
        std::size_t stop = at;
        while (stop < end && (in[stop] >= 0x20 || in[stop] == '\t') && in[stop] != 0x7f) ++stop;
        if (stop == at) return malformed("control byte in the head");
        line_.append(as_text(in.subspan(at, stop - at)));
        left_ -= stop - at;
        at = stop;
    }
    return at;
}

Result<std::size_t> Head::feed(ByteView in) {
    std::size_t taken = 0;
    while (taken < in.size() && !done_) {
        OPENPCC_TRY(const std::size_t step, lines_.feed(in.subspan(taken)));
        taken += step;
        if (!lines_.has_line()) break;
        OPENPCC_CHECK(take_line(lines_.line()));
        lines_.next();
    }
    return taken;
}

Result<void> Head::take_line(std::string_view line) {
    if (!first_seen_) {
        first_seen_ = true;
        return take_first(line);
    }
    if (!line.empty()) return take_field(line);
    done_ = true;
    return complete();
}

Result<void> Head::take_field(std::string_view line) {
    if (fields_.size() == limits_.fields) return fail(kTooLarge, "too many fields");
    if (is_blank(line.front())) return malformed("folded field line");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("field line without a colon");
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name)) return malformed("field name is not a token");
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) return malformed("field value holds a forbidden byte");
    fields_.add(lowered(name), std::string(value));
    return {};
}

Result<void> Head::parse_version(std::string_view text) {
    if (text == "HTTP/1.1") return {};
    http_1_0_ = true;
    if (text == "HTTP/1.0") return {};
    return malformed("neither HTTP/1.1 nor HTTP/1.0");
}

Result<void> Head::find_framing() {
    const std::size_t lengths = fields_.count("content-length");
    const std::size_t codings = fields_.count("transfer-encoding");
    // RFC 9112 section 6.1: both at once ought to be handled as an error. So do repetitions, even equal ones.
    if (lengths + codings > 1) return malformed("more than one field says where the content ends");
    if (lengths == 1) {
        OPENPCC_TRY(framing_.length, parse_length(*fields_.get("content-length")));
        framing_.kind = Framing::Kind::kLength;
    }
    if (codings == 1) {
        if (http_1_0_) return malformed("Transfer-Encoding in HTTP/1.0");
        if (*fields_.get("transfer-encoding") != "chunked") return malformed("a transfer coding other than chunked");
        framing_.kind = Framing::Kind::kChunked;
    }
    return {};
}

Result<void> Head::apply_connection() {
    persistent_ = !http_1_0_;
    std::vector<std::string> nominated;
    for (const Field& field : fields_.list()) {
        if (field.name != "connection") continue;
        const bool good = each_option(field.value, [&](std::string option) {
            if (option == "close") persistent_ = false;
            // RFC 9110 section 7.6.1: a field for all recipients must not be named as one of the connection.
            if (option == "host" || option == "content-length" || option == "transfer-encoding") return false;
            nominated.push_back(std::move(option));
            return true;
        });
        if (!good) return malformed("Connection lists what it must not");
    }
    for (const std::string& name : nominated) fields_.remove(name);
    std::vector<std::string> own;
    for (const Field& field : fields_.list()) {
        if (is_connection_field(field.name)) own.push_back(field.name);
    }
    for (const std::string& name : own) fields_.remove(name);
    return {};
}

Result<void> ReceivedRequest::take_first(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return malformed("not a request line");
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || method.size() > kLongestMethod) return malformed("not a method");
    if (!is_origin_form(target)) return malformed("the target is not a path");
    head_.method = method;
    head_.path = target;
    is_head_method_ = method == "HEAD";
    return parse_version(line.substr(last + 1));
}

Result<void> ReceivedRequest::complete() {
    OPENPCC_CHECK(take_host());
    OPENPCC_CHECK(find_framing());
    OPENPCC_CHECK(take_expect());
    OPENPCC_CHECK(apply_connection());
    head_.fields = std::move(fields_);
    return {};
}

Result<void> ReceivedRequest::take_host() {
    const std::size_t hosts = fields_.count("host");
    // RFC 9112 section 3.2.
    if (hosts > 1 || (hosts == 0 && !http_1_0_)) return malformed("not exactly one Host field");
    if (hosts == 0) return {};
    const std::string_view host = *fields_.get("host");
    if (!is_authority(host)) return malformed("Host is not a host and port");
    head_.authority = host;
    fields_.remove("host");
    return {};
}

Result<void> ReceivedRequest::take_expect() {
    if (fields_.count("expect") == 0 || http_1_0_) return {};  // RFC 9110 section 10.1.1: ignored in HTTP/1.0
    const auto expect = fields_.get("expect");
    if (!expect || !same_text(*expect, "100-continue")) return fail(kExpectation);
    expects_continue_ = framing_.kind != Framing::Kind::kNone;
    return {};
}

Result<void> ReceivedResponse::take_first(std::string_view line) {
    // HTTP/1.1 SP 3DIGIT SP [ reason ]
    constexpr std::size_t kStatusAt = 9;
    if (line.size() < kStatusAt + 4 || line[kStatusAt - 1] != ' ' || line[kStatusAt + 3] != ' ') {
        return malformed("not a status line");
    }
    const std::string_view digits = line.substr(kStatusAt, 3);
    if (!std::ranges::all_of(digits, is_digit) || digits.front() < '1' || digits.front() > '5')
        return malformed("not a status");
    for (const char digit : digits) status_ = static_cast<std::uint16_t>(status_ * 10 + (digit - '0'));
    head_.status = status_;
    return parse_version(line.substr(0, kStatusAt - 1));
}

Result<void> ReceivedResponse::complete() {
    OPENPCC_CHECK(find_framing());
    const bool never = status_ < 200 || status_ == 204;
    // RFC 9112 section 6.1 and RFC 9110 section 8.6: these have no content and must not announce any.
    if (never && framing_ != Framing() && framing_ != Framing{.kind = Framing::Kind::kLength, .length = 0}) {
        return malformed("an answer without content announces some");
    }
    if (never || status_ == 304 || to_head_method_) {
        framing_ = Framing();
    } else if (framing_.kind == Framing::Kind::kNone) {
        // It would end with the connection, and nothing tells its end from a loss.
        return fail(kTruncated, "an answer without length or chunks");
    }
    OPENPCC_CHECK(apply_connection());
    head_.fields = std::move(fields_);
    return {};
}

}  // namespace openpcc::http::h1
