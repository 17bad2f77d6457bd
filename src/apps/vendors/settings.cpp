// SPDX-License-Identifier: Apache-2.0
#include "apps/vendors/settings.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "evidence/snp/anchors.hpp"
#include "evidence/tdx/anchors.hpp"

namespace openpcc::vendors {

namespace {

// There is no way to ask without TLS, or without checking whom one has reached.
net::Endpoint https(config::File& file, std::string_view key, const std::string& text) {
    const auto endpoint = net::Endpoint::parse(text);
    if (endpoint && endpoint->kind == net::Endpoint::Kind::kTls) return *endpoint;
    file.problem(key, "expected https://host:port");
    return {};
}

}  // namespace

Result<Fmspc> parse_fmspc(std::string_view hex) { return array_from_hex<Fmspc>(hex); }

bool is_product(std::string_view name) { return std::ranges::find(kProducts, name) != std::end(kProducts); }

Settings Settings::read(config::File& file) {
    Settings out;
    const std::string intel_api = file.text_or("collateral.intel_api", "https://api.trustedservices.intel.com");
    const std::string intel_certificates =
        file.text_or("collateral.intel_certificates", "https://certificates.trustedservices.intel.com");
    const std::string amd_kds = file.text_or("collateral.amd_kds", "https://kdsintf.amd.com");
    out.sources.intel_api = https(file, "collateral.intel_api", intel_api);
    out.sources.intel_certificates = https(file, "collateral.intel_certificates", intel_certificates);
    out.sources.amd_kds = https(file, "collateral.amd_kds", amd_kds);
    out.sources.intel_roots = {tdx::intel_root()};
    out.sources.amd_roots = snp::amd_roots();
    out.roots = file.optional_path("collateral.roots");
    for (const std::string& text : file.optional_texts("collateral.fmspc")) {
        const auto fmspc = parse_fmspc(text);
        if (fmspc)
            out.wanted.fmspcs.push_back(*fmspc);
        else
            file.problem("collateral.fmspc", "expected each to be 12 hex digits");
    }
    if (out.wanted.fmspcs.size() > kMaxFmspcs) file.problem("collateral.fmspc", "expected at most 128");
    for (const std::string& name : file.optional_texts("collateral.products")) {
        if (!is_product(name)) file.problem("collateral.products", "expected each to be Milan, Genoa or Turin");
        out.wanted.products.push_back(name);
    }
    return out;
}

Result<void> Settings::trust() {
    OPENPCC_TRY(sources.tls, roots ? net::TlsClient::roots_from_file(*roots) : net::TlsClient::system_roots());
    return {};
}

}  // namespace openpcc::vendors
