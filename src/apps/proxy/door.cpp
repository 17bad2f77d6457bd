// SPDX-License-Identifier: Apache-2.0
#include "apps/proxy/door.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "apps/config/config.hpp"
#include "apps/proxy/errors.hpp"
#include "core/assert.hpp"
#include "core/text.hpp"

namespace openpcc::proxy {

namespace {

constexpr std::string_view kPrefix = "openpcc-";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyText = 43;
constexpr std::size_t kMaxFile = 256;

bool is_key(std::string_view text) {
    return text.size() == kPrefix.size() + kKeyText && text.starts_with(kPrefix) &&
           from_base64url(text.substr(kPrefix.size())).has_value();
}

Result<std::string> make(const std::string& path, Random& random) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!folder.empty() && std::filesystem::create_directories(folder, error))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error) return fail(kBadKeyFile, folder.string() + ": cannot be made");
    const auto bytes = random.array<ByteArray<kKeyBytes>>();
    std::string text = std::string(kPrefix) + to_base64url(bytes);
    OPENPCC_CHECK(config::write_file(path, text + "\n", 0600));
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

// shown_key is the one key of a request; SDKs send the one header or the other.
std::optional<std::string_view> shown_key(const http::Fields& fields) {
    const auto bearer = fields.get("authorization");
    const auto plain = fields.get("x-api-key");
    if (fields.count("authorization") + fields.count("x-api-key") != 1) return std::nullopt;
    if (plain) return plain;
    constexpr std::string_view kBearer = "bearer ";
    if (!bearer || bearer->size() < kBearer.size() || lower(bearer->substr(0, kBearer.size())) != kBearer)
        return std::nullopt;
    return bearer->substr(kBearer.size());
}

}  // namespace

Result<Key> Key::load_or_make(const std::string& path, Random& random) {
    Key out;
    std::error_code ignored;
    out.made_ = !std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
    auto text = out.made_ ? make(path, random) : config::read_private_file(path, kMaxFile);
    if (!text) return std::unexpected(text.error());
    while (text->ends_with('\n')) text->pop_back();
    const bool good = is_key(*text);
    if (good) out.text_ = SecretBytes::copy_from(as_bytes(*text));
    wipe({reinterpret_cast<std::uint8_t*>(text->data()), text->size()});
    if (!good) return fail(kBadKeyFile, path + ": holds no key of this proxy; remove it, and a new one is made");
    return out;
}

bool Key::is(std::string_view shown) const {
    return text_.with([&](ByteView mine) { return ct_equal(mine, as_bytes(shown)); });
}

Door::Door(const net::Endpoint& at, std::optional<Key> key)
    : socket_(at.kind == net::Endpoint::Kind::kUnix), key_(std::move(key)) {
    OPENPCC_ASSERT(socket_ != key_.has_value());
    if (socket_) return;
    const std::string port = ":" + std::to_string(at.port);
    for (const char* name : {"127.0.0.1", "localhost", "[::1]"}) hosts_.push_back(name + port);
    if (std::ranges::find(hosts_, at.authority()) == hosts_.end()) hosts_.push_back(at.authority());
}

Result<void> Door::admit_to_page(const http::RequestHead& head) const {
    const auto ours = [&](std::string_view host) { return std::ranges::find(hosts_, lower(host)) != hosts_.end(); };
    if (!socket_ && !ours(head.authority))
        return fail(kForeignHost, "this proxy answers under its own address only, such as " + hosts_.front());
    if (const std::size_t origins = head.fields.count("origin"); origins > 0) {
        const auto origin = head.fields.get("origin");
        constexpr std::string_view kScheme = "http://";
        if (!origin || !origin->starts_with(kScheme) || socket_ || !ours(origin->substr(kScheme.size())))
            return fail(kForeignOrigin, "pages of other origins may not use this proxy");
    }
    if (const auto site = head.fields.get("sec-fetch-site"); site && *site == "cross-site")
        return fail(kForeignOrigin, "pages of other sites may not use this proxy");
    return {};
}

Result<void> Door::admit(const http::RequestHead& head) const {
    OPENPCC_CHECK(admit_to_page(head));
    if (socket_) return {};
    const auto shown = shown_key(head.fields);
    if (!shown || !key_->is(*shown))
        return fail(kNoKey, "show the proxy's own key as the API key: `openpcc proxy` says where it is");
    return {};
}

}  // namespace openpcc::proxy
