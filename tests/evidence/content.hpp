// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/x509/x509.hpp"

// What a file holds, told by its bytes and never by its name.
namespace openpcc::collected {

// Body is one signed answer of Intel's service, with the issuer chain that stood beside it, if any.
struct Body {
    std::string member;  // "tcbInfo", "enclaveIdentity", "tcbEvaluationDataNumbers"
    Bytes object;        // its value, byte for byte: what is signed
    Bytes signature;     // empty when it is not hex
    std::vector<x509::Certificate> chain;
};

// Oracle is what registers must be, by bank ("sha256") and index.
using Oracle = std::map<std::string, std::map<std::uint32_t, Bytes>>;

// Content is everything that was found in a file: as it is, and inside JSON, hex, base64, PEM and certificates.
struct Content {
    std::vector<Bytes> quotes;   // of any version and TEE, with what stands behind them
    std::vector<Bytes> reports;  // SEV-SNP
    std::vector<Bytes> logs;     // crypto-agile; those written as JSON are in that form too
    std::vector<Bytes> crls;     // DER
    std::vector<Body> bodies;
    std::vector<x509::Certificate> certificates;
    std::optional<Oracle> oracle;
    bool acpi_table = false;  // names where a log is, and holds none

    bool collateral() const { return !bodies.empty() || !crls.empty(); }
    bool empty() const;
};

Content content_of(ByteView bytes);
// buried_in looks for quotes and reports anywhere inside: for containers whose form nothing here reads.
Content buried_in(ByteView bytes);

// kQuoteExtension holds a quote in certificates of dstack.
inline constexpr std::string_view kQuoteExtension = "1.3.6.1.4.1.62397.1.1";

// quote_size is the length that a quote says of itself, 0 when it says none that fits.
std::size_t quote_size(ByteView quote);

}  // namespace openpcc::collected
