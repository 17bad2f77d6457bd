// SPDX-License-Identifier: Apache-2.0
#include "apps/daemon/certificate.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>

#include "apps/config/config.hpp"
#include "apps/daemon/daemon.hpp"
#include "core/secret.hpp"

namespace openpcc::daemon {

namespace {

constexpr std::size_t kMostKey = 64 * 1024;
constexpr auto kLook = std::chrono::seconds(2);

// Only its mode is of interest here: a key that others may read is refused before TLS reads it.
Result<void> check_key(const std::string& path) {
    OPENPCC_TRY(std::string key, config::read_private_file(path, kMostKey));
    wipe({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
    return {};
}

}  // namespace

Result<std::unique_ptr<Certificate>> Certificate::load(const char* program, const std::string& chain,
                                                       const std::string& key, obs::Registry& registry) {
    OPENPCC_CHECK(check_key(key));
    OPENPCC_TRY(auto tls, net::TlsServer::from_files(chain, key));
    return std::unique_ptr<Certificate>(new Certificate(program, chain, key, std::move(tls), registry));
}

Certificate::Certificate(const char* program, std::string chain, std::string key, std::shared_ptr<net::TlsServer> tls,
                         obs::Registry& registry)
    : program_(program),
      chain_(std::move(chain)),
      key_(std::move(key)),
      tls_(std::move(tls)),
      seen_(stamps()),
      expires_(registry, "openpcc_tls_certificate_expires_seconds",
               "when the certificate in use ends, in seconds since 1970"),
      failures_(registry, "openpcc_tls_reload_failures_total", "new certificates that could not be used") {
    expires_.set(tls_->expires().time_since_epoch().count());
}

Certificate::Stamps Certificate::stamps() const {
    Stamps out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        struct stat status{};
        if (::stat((i == 0 ? chain_ : key_).c_str(), &status) == 0)
            out[i] = {status.st_ino, status.st_size, status.st_ctim};
    }
    return out;
}

void Certificate::reload() {
    seen_ = stamps();
    auto done = check_key(key_);
    if (done) done = tls_->reload(wall_clock());
    if (!done) {
        failures_.add();
        fmt::print(stderr,
                   "{0}: warning: the new certificate is not used: {1}\n{0}: hint: the one until {2} stays in use\n",
                   program_, done.error().describe(), to_rfc3339(tls_->expires()));
        return;
    }
    expires_.set(tls_->expires().time_since_epoch().count());
    fmt::print(stderr, "{}: the certificate was read again; it is good until {}\n", program_,
               to_rfc3339(tls_->expires()));
}

net::Task<void> Certificate::watch() {
    while (true) {
        const net::Deadline next = net::after(kLook);
        const auto slept = co_await net::sleep_until(next);
        if (!slept) co_return;
        const Stamps now = stamps();
        const auto same = [](const Stamp& a, const Stamp& b) {
            return a.inode == b.inode && a.size == b.size && a.changed.tv_sec == b.changed.tv_sec &&
                   a.changed.tv_nsec == b.changed.tv_nsec;
        };
        if (!same(now[0], seen_[0]) || !same(now[1], seen_[1])) reload();
    }
}

}  // namespace openpcc::daemon
