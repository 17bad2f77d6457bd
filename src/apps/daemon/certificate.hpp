// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <array>
#include <memory>
#include <string>

#include "io/net/loop.hpp"
#include "io/net/tls.hpp"
#include "io/obs/metrics.hpp"

namespace openpcc::daemon {

// Certificate is a listener's pair of certificate and key. It is read again when its files change, and when somebody
// asks; what cannot be used is said on standard error and the pair in use stays.
class Certificate {
  public:
    static Result<std::unique_ptr<Certificate>> load(const char* program, const std::string& chain,
                                                     const std::string& key, obs::Registry& registry);
    std::shared_ptr<const net::TlsServer> tls() const { return tls_; }

    void reload();
    // watch looks at the files for ever: whoever renews certificates need not know of us.
    net::Task<void> watch();

  private:
    // Stamp tells files apart without reading them.
    struct Stamp {
        ino_t inode;
        off_t size;
        timespec changed;
    };
    using Stamps = std::array<Stamp, 2>;

    Certificate(const char* program, std::string chain, std::string key, std::shared_ptr<net::TlsServer> tls,
                obs::Registry& registry);
    Stamps stamps() const;

    const char* program_;
    const std::string chain_, key_;
    const std::shared_ptr<net::TlsServer> tls_;
    Stamps seen_;
    obs::Gauge expires_;
    obs::Counter failures_;
};

}  // namespace openpcc::daemon
