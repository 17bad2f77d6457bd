// SPDX-License-Identifier: Apache-2.0
#include "io/net/endpoint.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>

#include "io/net/errors.hpp"

namespace openpcc::net {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kLongestName = 253;  // RFC 1035 section 2.3.4, as text
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_v6(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}
bool is_v4(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label,
                               [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
}

// A name whose last label is a number would be read as an IPv4 address in one of its historic forms (127.1, 0x7f.1), so
// only the dotted quad is an address.
bool is_number(std::string_view label) {
    if (label.starts_with("0x")) return true;
    return std::ranges::all_of(label, is_digit);
}

bool is_host(const std::string& host) {
    if (host.empty() || host.size() > kLongestName) return false;
    if (is_v4(host)) return true;
    std::string_view rest = host;
    for (;;) {
        const std::size_t dot = rest.find('.');
        const std::string_view label = rest.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return !is_number(label);
        rest.remove_prefix(dot + 1);
    }
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool padded = text.size() > 1 && text.front() == '0';
    if (text.empty() || padded || error != std::errc() || end != text.data() + text.size()) {
        return fail(kBadEndpoint, "the port is not a number from 0 to 65535");
    }
    return port;
}

Result<Endpoint> parse_unix(std::string_view path) {
    const bool printable =
        std::ranges::none_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!path.starts_with('/') || path.ends_with('/') || !printable) {
        return fail(kBadEndpoint, "unix: wants the absolute path of a socket");
    }
    if (path.size() > kLongestPath) return fail(kBadEndpoint, "the path of a socket has at most 107 bytes");
    return Endpoint{.kind = Endpoint::Kind::kUnix, .host = std::string(path), .port = 0};
}

bool takes_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view text) {
    if (takes_prefix(text, "unix:")) return parse_unix(text);
    Endpoint out;
    if (takes_prefix(text, "https://")) {
        out.kind = Kind::kTls;
        out.port = kHttpsPort;
    } else if (takes_prefix(text, "http://")) {
        out.port = kHttpPort;
    } else {
        return fail(kBadEndpoint, "an endpoint starts with http://, https:// or unix:");
    }
    std::string_view port;
    bool has_port = false;
    if (takes_prefix(text, "[")) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return fail(kBadEndpoint, "an IPv6 address ends with ]");
        out.host = lower(text.substr(0, end));
        if (!is_v6(out.host)) return fail(kBadEndpoint, "not an IPv6 address");
        port = text.substr(end + 1);
        has_port = takes_prefix(port, ":");
        if (!has_port && !port.empty()) return fail(kBadEndpoint, "only a port may follow the address");
    } else {
        const std::size_t colon = text.find(':');
        out.host = lower(text.substr(0, colon));
        if (!is_host(out.host)) return fail(kBadEndpoint, "not a host name or address (no path, query or user here)");
        has_port = colon != std::string_view::npos;
        if (has_port) port = text.substr(colon + 1);
    }
    if (has_port) {
        OPENPCC_TRY(out.port, parse_port(port));
    }
    return out;
}

std::string Endpoint::to_text() const {
    if (kind == Kind::kUnix) return "unix:" + host;
    const std::string name = is_v6(host) ? "[" + host + "]" : host;
    return (kind == Kind::kTls ? "https://" : "http://") + name + ":" + std::to_string(port);
}

std::string Endpoint::authority() const {
    if (kind == Kind::kUnix) return "localhost";
    const std::string name = is_v6(host) ? "[" + host + "]" : host;
    if (port == (kind == Kind::kTls ? kHttpsPort : kHttpPort)) return name;
    return name + ":" + std::to_string(port);
}

bool Endpoint::is_local() const {
    if (kind == Kind::kUnix) return true;
    in_addr v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    in6_addr v6{};
    return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace openpcc::net
