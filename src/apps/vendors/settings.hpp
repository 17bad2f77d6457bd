// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/config/config.hpp"
#include "core/bytes.hpp"
#include "crypto/x509/x509.hpp"
#include "io/net/endpoint.hpp"
#include "io/net/tls.hpp"

// Asking vendors for collateral, and keeping a file of it fresh. Addresses are the operator's configuration and nothing
// else: no peer and no evidence is ever asked where to fetch from.
namespace openpcc::vendors {

using Fmspc = ByteArray<6, struct FmspcTag>;

// Sources are where vendors publish, always over TLS with the name checked, and the roots that what they publish is
// signed under: a cache on the way can serve what is old, and nothing of its own.
struct Sources {
    net::Endpoint intel_api;           // PCS API v4, or a cache of it (PCCS)
    net::Endpoint intel_certificates;  // the revocation list of Intel's root
    net::Endpoint amd_kds;
    std::shared_ptr<const net::TlsClient> tls;
    std::vector<x509::Certificate> intel_roots;
    std::vector<x509::Certificate> amd_roots;
};

// Wanted is which platforms to ask about. With any FMSPC, also the QE identity and Intel's revocation lists.
struct Wanted {
    std::vector<Fmspc> fmspcs;
    std::vector<std::string> products;  // of kProducts
    bool empty() const { return fmspcs.empty() && products.empty(); }
};
inline constexpr std::size_t kMaxFmspcs = 128;
inline constexpr std::string_view kProducts[] = {"Milan", "Genoa", "Turin"};
Result<Fmspc> parse_fmspc(std::string_view hex);
bool is_product(std::string_view name);

struct Settings {
    Sources sources;
    Wanted wanted;
    // read reads the table `collateral` of a configuration (docs/operate/configuration.md); finish is the caller's, and
    // then `trust` loads the roots.
    static Settings read(config::File& file);
    Result<void> trust();

    std::optional<std::string> roots;  // PEM; the system's when absent
};

}  // namespace openpcc::vendors
