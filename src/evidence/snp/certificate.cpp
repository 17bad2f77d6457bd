// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/certificate.hpp"

#include <algorithm>
#include <array>

#include "wire/der.hpp"

namespace openpcc::snp {

namespace {

using wire::Der;

constexpr std::size_t kLongestText = 256;

std::optional<Bytes> amd_extension(const x509::Certificate& leaf, std::string_view arc) {
    return leaf.extension(std::string(kArcs).append(arc));
}

// An extension that holds one INTEGER of 0 to 255.
Result<std::uint8_t> number(const x509::Certificate& leaf, std::string_view arc) {
    const auto content = amd_extension(leaf, arc);
    if (!content) return fail(kBadCertificate, "extension " + std::string(arc) + " is missing");
    Der der(*content);
    const auto value = der.small_integer();
    if (!value || *value > 255 || !der.done())
        return fail(kBadCertificate, "extension " + std::string(arc) + " is not a number of 0 to 255");
    return static_cast<std::uint8_t>(*value);
}

Result<std::string> text(const x509::Certificate& leaf, std::string_view arc) {
    const auto content = amd_extension(leaf, arc);
    if (!content) return fail(kBadCertificate, "extension " + std::string(arc) + " is missing");
    Der der(*content);
    auto value = der.take(Der::kIa5String);
    if (!value || !der.done() || value->empty() || value->size() > kLongestText)
        return fail(kBadCertificate, "extension " + std::string(arc) + " is not a text");
    if (!std::ranges::all_of(*value, [](std::uint8_t c) { return c >= 0x20 && c <= 0x7e; }))
        return fail(kBadCertificate, "extension " + std::string(arc) + " is not printable");
    return openpcc::to_string(*value);
}

// RFC 5280 section 4.2.1.9: cA is the first member of BasicConstraints, and absent when false.
bool is_ca(const x509::Certificate& certificate) {
    const auto constraints = certificate.extension("2.5.29.19");
    if (!constraints) return false;
    Der outer(*constraints);
    const auto members = outer.enter(Der::kSequence);
    return !members || !members->done();
}

// VCEK table "Custom Extensions": "Milan-B0", "Genoa"; a stepping follows a hyphen.
bool names_product(std::string_view name, Product product) {
    const std::string_view plain = to_string(product);
    return name.starts_with(plain) && (name.size() == plain.size() || name[plain.size()] == '-');
}

// The parts of the TCB, an extension each. Reserved ones are zero wherever they are present.
Result<Tcb> read_tcb(const x509::Certificate& leaf, Product product) {
    Tcb out;
    OPENPCC_TRY(out.boot_loader, number(leaf, "3.1"));
    OPENPCC_TRY(out.tee, number(leaf, "3.2"));
    OPENPCC_TRY(out.snp, number(leaf, "3.3"));
    OPENPCC_TRY(out.microcode, number(leaf, "3.8"));
    for (std::string_view reserved : {"3.4", "3.5", "3.6", "3.7"}) {
        if (!amd_extension(leaf, reserved)) continue;
        OPENPCC_TRY(const std::uint8_t value, number(leaf, reserved));
        if (value != 0) return fail(kBadCertificate, "a reserved part of the TCB is not zero");
    }
    if (product == Product::kTurin) {
        OPENPCC_TRY(out.fmc, number(leaf, "3.9"));
    } else if (amd_extension(leaf, "3.9")) {
        return fail(kBadCertificate, "an FMC where the product has none");
    }
    return out;
}

Result<void> read_bearer(const x509::Certificate& leaf, Endorsement& out) {
    const auto hardware_id = amd_extension(leaf, "4");
    const bool has_provider = amd_extension(leaf, "5").has_value();
    if (out.kind == KeyKind::kVlek) {
        if (hardware_id) return fail(kBadCertificate, "a VLEK with a hardware id");
        OPENPCC_TRY(out.provider, text(leaf, "5"));
        return {};
    }
    if (has_provider) return fail(kBadCertificate, "a VCEK with a provider");
    const std::size_t size = out.product == Product::kTurin ? 8 : 64;
    if (!hardware_id || hardware_id->size() != size)
        return fail(kBadCertificate, "no hardware id of the product's size");
    out.hardware_id = *hardware_id;
    return {};
}

// Both ways in which AMD writes the AlgorithmIdentifier: with trailerField, whose value is the default, and without.
constexpr std::array<std::uint8_t, 67> kPss = {
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30};
constexpr std::array<std::uint8_t, 5> kTrailerField = {0xa3, 0x03, 0x02, 0x01, 0x01};

Bytes pss_with_trailer_field() {
    Bytes out = concat(ByteView(kPss), ByteView(kTrailerField));
    out[1] = static_cast<std::uint8_t>(out[1] + kTrailerField.size());
    out[14] = static_cast<std::uint8_t>(out[14] + kTrailerField.size());
    return out;
}

}  // namespace

std::string_view to_string(KeyKind kind) { return kind == KeyKind::kVcek ? "VCEK" : "VLEK"; }

std::string ark_name(Product product) { return "ARK-" + std::string(to_string(product)); }

std::string issuer_name(Product product, KeyKind kind) {
    return (kind == KeyKind::kVcek ? "SEV-" : "SEV-VLEK-") + std::string(to_string(product));
}

std::optional<Product> product_of_ark(const x509::Certificate& ark) {
    const std::string name = ark.subject_common_name();
    for (Product product : {Product::kMilan, Product::kGenoa, Product::kTurin})
        if (name == ark_name(product)) return product;
    return std::nullopt;
}

Result<Endorsement> read_endorsement(const x509::Certificate& leaf, Product product) {
    Endorsement out;
    const std::string name = leaf.subject_common_name();
    if (name != kVcekName && name != kVlekName) return fail(kBadCertificate, "named neither SEV-VCEK nor SEV-VLEK");
    out.kind = name == kVcekName ? KeyKind::kVcek : KeyKind::kVlek;
    out.product = product;
    if (leaf.issuer_common_name() != issuer_name(product, out.kind))
        return fail(kBadCertificate, "not issued by the CA for its kind of key");
    if (is_ca(leaf)) return fail(kBadCertificate, "a CA, and not a leaf");
    if (const auto key = leaf.key().raw(); !key || key->size() != 96) return fail(kBadCertificate, "not a P-384 key");
    OPENPCC_TRY(const std::uint8_t structure, number(leaf, "1"));
    if (structure > 1) return fail(kBadCertificate, "a structure version that is not known");
    OPENPCC_TRY(out.product_name, text(leaf, "2"));
    if (!names_product(out.product_name, product)) return fail(kBadCertificate, "a product name of another product");
    OPENPCC_TRY(out.tcb, read_tcb(leaf, product));
    OPENPCC_CHECK(read_bearer(leaf, out));
    return out;
}

bool signed_as_by_amd(ByteView der) {
    static const Bytes with_trailer_field = pss_with_trailer_field();
    Der outer(der);
    auto certificate = outer.enter(Der::kSequence);
    if (!certificate || !certificate->take_any()) return false;
    const auto algorithm = certificate->take_any();
    return algorithm && (equal(algorithm->whole, kPss) || equal(algorithm->whole, with_trailer_field));
}

}  // namespace openpcc::snp
