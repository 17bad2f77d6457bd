// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulated/snp_platform.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "evidence/simulated/pck_writer.hpp"
#include "wire/der.hpp"
#include "wire/writer.hpp"

namespace openpcc::simulated {

namespace {

using snp::KeyKind;
using snp::Product;
using snp::Tcb;
using Extension = x509::CertificateSpec::Extension;
using wire::Der;

constexpr Seconds kSlack = std::chrono::hours(1);
constexpr Seconds kLifetime = std::chrono::days(7);
constexpr std::size_t kHalf = 48;  // bytes of a P-384 number

// SNP-ABI: SMT allowed, and the bit that must be one; ABI 1.0.
constexpr std::uint64_t kGoodPolicy = 0x30000;
// SMT, ECC, ALIAS_CHECK_COMPLETE.
constexpr std::uint64_t kGoodPlatform = 0x25;

snp::Cpuid cpuid_of(Product product) {
    switch (product) {
        case Product::kMilan:
            return {0x19, 0x01, 1};
        case Product::kGenoa:
            return {0x19, 0x11, 1};
        case Product::kTurin:
            return {0x1a, 0x02, 1};
    }
    return {};
}

std::string product_name(Product product, KeyKind kind) {
    const std::string stepping = product == Product::kMilan && kind == KeyKind::kVcek ? "-B0" : "";
    return std::string(to_string(product)) + stepping;
}

void add_tcb(std::vector<Extension>& list, Product product) {
    const Tcb tcb = good_tcb(product);
    if (product == Product::kTurin) list.push_back(snp_number("3.9", tcb.fmc));
    list.push_back(snp_number("3.1", tcb.boot_loader));
    list.push_back(snp_number("3.2", tcb.tee));
    if (product != Product::kTurin) list.push_back(snp_number("3.4", 0));
    for (std::string_view reserved : {"3.5", "3.6", "3.7"}) list.push_back(snp_number(reserved, 0));
    list.push_back(snp_number("3.3", tcb.snp));
    list.push_back(snp_number("3.8", tcb.microcode));
}

void write_firmware(wire::Writer& out, const snp::Firmware& firmware, std::uint8_t reserved) {
    out.number(firmware.build).number(firmware.minor).number(firmware.major).number(reserved);
}

// AMD's halves of a signature are little-endian in 72 bytes.
Bytes half(ByteView big_endian) {
    Bytes out(big_endian);
    std::ranges::reverse(out.span());
    out.resize(snp::RawHalf::kSize);
    return out;
}

}  // namespace

Extension snp_number(std::string_view arc, unsigned value) {
    Bytes content;
    if (value > 0x7fff) content.push_back(static_cast<std::uint8_t>(value >> 16));
    if (value > 0x7f) content.push_back(static_cast<std::uint8_t>(value >> 8));
    content.push_back(static_cast<std::uint8_t>(value));
    return snp_raw(arc, der(Der::kInteger, content));
}

Extension snp_text(std::string_view arc, std::string_view value) {
    return snp_raw(arc, der(Der::kIa5String, as_bytes(value)));
}

Extension snp_raw(std::string_view arc, ByteView value) {
    return {std::string(snp::kArcs).append(arc), Bytes(value), false};
}

Tcb good_tcb(Product product) {
    if (product == Product::kTurin) return {1, 2, 1, 4, 0x47};
    return {0, 10, 0, 25, 0xd4};
}

// Written out a second time, so that reader and writer cannot agree on a mistake.
snp::RawTcb write_tcb(const Tcb& tcb, Product product) {
    if (product == Product::kTurin) return {{tcb.fmc, tcb.boot_loader, tcb.tee, tcb.snp, 0, 0, 0, tcb.microcode}};
    return {{tcb.boot_loader, tcb.tee, 0, 0, 0, 0, tcb.snp, tcb.microcode}};
}

SnpLeafSpec SnpLeafSpec::good(Product product, KeyKind kind, Random& random, TimePoint now) {
    SnpLeafSpec out;
    out.kind = kind;
    out.name = kind == KeyKind::kVcek ? snp::kVcekName : snp::kVlekName;
    out.not_before = now - kSlack;
    out.not_after = now + kLifetime;
    out.extensions.push_back(snp_number("1", product == Product::kTurin ? 1 : 0));
    out.extensions.push_back(snp_text("2", product_name(product, kind)));
    add_tcb(out.extensions, product);
    if (kind == KeyKind::kVlek) {
        out.extensions.push_back(snp_text("5", kSnpProvider));
    } else {
        const auto chip = random.array<snp::ChipId>();
        out.extensions.push_back(snp_raw("4", chip.view().first(product == Product::kTurin ? 8 : 64)));
    }
    return out;
}

Result<SnpPlatform> SnpPlatform::create(const SnpAuthority& authority, KeyKind kind, Random& random, TimePoint now) {
    return create(authority, SnpLeafSpec::good(authority.product(), kind, random, now), random);
}

Result<SnpPlatform> SnpPlatform::create(const SnpAuthority& authority, const SnpLeafSpec& spec, Random& random) {
    x509::CertificateSpec leaf;
    leaf.common_name = spec.name;
    leaf.organization = "OpenPCC simulated hardware";
    leaf.not_before = spec.not_before;
    leaf.not_after = spec.not_after;
    leaf.serial = spec.serial;
    leaf.is_ca = spec.is_ca;
    leaf.scheme = spec.scheme;
    leaf.extensions = spec.extensions;
    SnpPlatform out(authority.product(), spec.kind, crypto::SigningKey::generate_p384());
    OPENPCC_TRY(const auto certificate,
                x509::make_certificate(leaf, out.key_.verifying_key(), &authority.issuer(spec.kind),
                                       authority.issuer_key(spec.kind)));
    out.certificates_ = {certificate.der(), authority.issuer(spec.kind).der()};
    // A machine has the chip of its VCEK; a provider masks it.
    if (const auto chip = certificate.extension(std::string(snp::kArcs) + "4"))
        out.chip_id_ = snp::ChipId::from_view(*chip);
    out.report_id_ = random.array<ByteArray<32>>();
    return out;
}

snp::Report SnpPlatform::report(ByteView report_data) const {
    snp::Report out;
    out.policy = kGoodPolicy;
    out.platform_info = kGoodPlatform;
    out.key_info = kind_ == KeyKind::kVlek ? 1U << 2 : 0;
    out.report_data = snp::ReportData::from_view(report_data);
    out.measurement = snp::Measurement::from_view(crypto::sha384(as_bytes("openpcc simulated guest")));
    out.report_id = report_id_;
    out.report_id_ma.bytes.fill(0xff);
    out.cpuid = cpuid_of(product_);
    out.chip_id = chip_id_;
    out.current = out.committed = {1, 55, 43};
    out.current_tcb = out.reported_tcb = out.committed_tcb = out.launch_tcb = write_tcb(good_tcb(product_), product_);
    out.launch_mitigations = out.current_mitigations = 1;
    return out;
}

snp::Report SnpPlatform::as_version(snp::Report report, std::uint32_t version) {
    report.version = version;
    if (version < 5) report.launch_mitigations = report.current_mitigations = 0;
    if (version < 3) report.cpuid = {};
    return report;
}

Bytes SnpPlatform::write(const snp::Report& r) {
    wire::Writer out;
    out.number_le(r.version).number_le(r.guest_svn).number_le(r.policy).raw(r.family_id).raw(r.image_id);
    out.number_le(r.vmpl).number_le(r.signature_algo).raw(r.current_tcb).number_le(r.platform_info);
    out.number_le(r.key_info).raw(r.reserved_4c).raw(r.report_data).raw(r.measurement).raw(r.host_data);
    out.raw(r.id_key_digest).raw(r.author_key_digest).raw(r.report_id).raw(r.report_id_ma).raw(r.reported_tcb);
    out.number(r.cpuid.family).number(r.cpuid.model).number(r.cpuid.stepping).raw(r.reserved_18b);
    out.raw(r.chip_id).raw(r.committed_tcb);
    write_firmware(out, r.current, r.reserved_1eb);
    write_firmware(out, r.committed, r.reserved_1ef);
    out.raw(r.launch_tcb).number_le(r.launch_mitigations).number_le(r.current_mitigations).raw(r.reserved_208);
    return std::move(out).take();
}

Result<Bytes> SnpPlatform::sign_bytes(ByteView signed_part) const {
    OPENPCC_TRY(const Bytes signature, key_.sign(crypto::Scheme::kEcdsaP384Sha384, signed_part));
    Bytes out = concat(signed_part, half(signature.view().first(kHalf)), half(signature.view().subspan(kHalf)));
    out.resize(signed_part.size() + snp::kReportSize - snp::kSignedSize);
    return out;
}

}  // namespace openpcc::simulated
