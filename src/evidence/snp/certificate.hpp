// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "crypto/x509/x509.hpp"
#include "evidence/snp/report.hpp"

// AMD's certificates (Versioned Chip Endorsement Key Certificate and KDS Interface Specification, 57230, "VCEK"; the
// VLEK's is the same with other names): ARK, then ASK or ASVK, then VCEK or VLEK.
namespace openpcc::snp {

inline constexpr std::string_view kVcekName = "SEV-VCEK";
inline constexpr std::string_view kVlekName = "SEV-VLEK";
inline constexpr std::string_view kArcs = "1.3.6.1.4.1.3704.1.";  // AMD's extensions

enum class KeyKind : std::uint8_t { kVcek, kVlek };
std::string_view to_string(KeyKind kind);

// Names of an ARK ("ARK-Genoa"), of its ASK ("SEV-Genoa") and of its ASVK ("SEV-VLEK-Genoa").
std::string ark_name(Product product);
std::string issuer_name(Product product, KeyKind kind);
// product_of_ark is nothing for a certificate that is not named as an ARK.
std::optional<Product> product_of_ark(const x509::Certificate& ark);

// Endorsement is what AMD's extensions in a VCEK or VLEK say: for which chip or provider, and at which TCB.
struct Endorsement {
    KeyKind kind = KeyKind::kVcek;
    Product product = Product::kGenoa;
    std::string product_name;  // "Milan-B0", "Genoa"
    Tcb tcb;
    Bytes hardware_id;     // VCEK: 64 bytes, Turin 8; VLEK: none
    std::string provider;  // VLEK: the CSP id; VCEK: none
};

// read_endorsement: snp.bad_certificate unless the leaf is named as a VCEK or VLEK, is no CA, holds a P-384 key, and
// has each of AMD's extensions that its kind and product have, once, well-formed, and none of the others.
Result<Endorsement> read_endorsement(const x509::Certificate& leaf, Product product);

// signed_as_by_amd says whether a certificate states RSASSA-PSS with SHA-384, MGF1 with SHA-384 and 48 bytes of salt as
// its signature, the only one that AMD makes.
bool signed_as_by_amd(ByteView der);

}  // namespace openpcc::snp
