// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/verify.hpp"

#include <algorithm>
#include <cstdio>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "evidence/tdx/collateral.hpp"
#include "wire/der.hpp"

namespace openpcc::tdx {

namespace {

// Bits of TDATTRIBUTES (TDX-ABI). Byte 0 is the group "TD under debug": an audit found a verifier that looked at bit 0
// alone.
constexpr std::uint64_t kDebugGroup = 0xff;
constexpr std::uint64_t kSeptVeDisable = 1ULL << 28;
// Known and harmless: ICSSD 16, LASS 27, PKS 30, KL 31, TPA 62.
constexpr std::uint64_t kAllowed = 1ULL << 16 | 1ULL << 27 | kSeptVeDisable | 1ULL << 30 | 1ULL << 31 | 1ULL << 62;
constexpr std::uint64_t kXfamRequired = 0x3;
constexpr std::uint64_t kXfamAllowed = 0x6dbe7;
constexpr std::uint8_t kSgxDebug = 0x02;

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

std::string hex_number(std::uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string why(const Result<void>& result) { return result ? "good" : result.error().describe(); }

bool contains(const std::vector<x509::Certificate>& list, const x509::Certificate& certificate) {
    return std::ranges::any_of(list, [&](const auto& other) { return other.der() == certificate.der(); });
}

std::vector<x509::Certificate> all_roots(const Anchors& anchors) {
    std::vector<x509::Certificate> out = anchors.genuine;
#if OPENPCC_SIMULATED_HARDWARE
    out.insert(out.end(), anchors.simulated.begin(), anchors.simulated.end());
#endif
    return out;
}

// RFC 5280 section 4.2.1.9: cA is the first member of BasicConstraints, and absent when false.
bool is_ca(const x509::Certificate& certificate) {
    const auto constraints = certificate.extension("2.5.29.19");
    if (!constraints) return false;
    wire::Der outer(*constraints);
    const auto members = outer.enter(wire::Der::kSequence);
    return !members || !members->done();
}

// PCK section 1.3: kind of the leaf and of its issuer, by name, and the extension that only PCK certificates have.
Result<PckPlatform> read_pck(const x509::Certificate& leaf) {
    if (leaf.subject_common_name() != kPckCommonName) return fail(kBadPck, "not named as a PCK certificate");
    const std::string issuer = leaf.issuer_common_name();
    if (issuer != kPlatformCaName && issuer != kProcessorCaName) return fail(kBadPck, "not issued by a PCK CA");
    if (is_ca(leaf)) return fail(kBadPck, "a CA, and not a leaf");
    const auto extension = leaf.extension(kPckExtensionOid);
    if (!extension) return fail(kBadPck, "no SGX extension, or two");
    return parse_pck_extension(*extension);
}

void judge_configuration(const Quote& quote, Checklist& list) {
    const TdReport& report = quote.report;
    const QeReport& qe = quote.qe_report;
    list.require("tdx.qe_vendor", quote.header.qe_vendor_id == kIntelQeVendor, to_hex(quote.header.qe_vendor_id));
    const bool reserved = all_zero(quote.header.reserved) && all_zero(qe.reserved1) && all_zero(qe.reserved2) &&
                          all_zero(qe.reserved3) && all_zero(qe.reserved4);
    list.require("tdx.reserved", reserved, reserved ? "zero" : "not zero");
    list.require("tdx.qe_debug", (qe.attributes.bytes[0] & kSgxDebug) == 0, "attributes " + to_hex(qe.attributes));
    const std::string attributes = "TDATTRIBUTES " + hex_number(report.td_attributes);
    list.require("tdx.debug", (report.td_attributes & kDebugGroup) == 0, attributes);
    // The debug group has its own check: it is masked here, so that each bit decides in one place.
    const std::uint64_t others = report.td_attributes & ~kDebugGroup;
    list.require("tdx.attributes", (others & kSeptVeDisable) != 0 && (others & ~kAllowed) == 0, attributes);
    list.require("tdx.xfam", (report.xfam & kXfamRequired) == kXfamRequired && (report.xfam & ~kXfamAllowed) == 0,
                 "XFAM " + hex_number(report.xfam));
    list.require("tdx.module", all_zero(report.mr_signer_seam) && report.seam_attributes == 0,
                 "SEAMATTRIBUTES " + hex_number(report.seam_attributes) + ", MRSIGNERSEAM " +
                     (all_zero(report.mr_signer_seam) ? "zero" : "not zero"));
    list.require("tdx.service_td", all_zero(report.mr_service_td),
                 all_zero(report.mr_service_td) ? "zero" : to_hex(report.mr_service_td));
}

// QuoteJudge walks one quote in the order of attestation: shape, signatures from the root down, then configuration,
// judged on signed bytes only.
class QuoteJudge {
  public:
    QuoteJudge(const Anchors& anchors, TimePoint now, Verdict& verdict)
        : anchors_(anchors), now_(now), verdict_(verdict), list_(checks()) {}

    std::optional<SignedQuote> run(ByteView evidence) {
        auto out = judge_signatures(evidence);
        if (out) {
            judge_configuration(out->quote, list_);
            judge_collateral(*out, list_);
            if (out->root_kind == RootKind::kSimulated) verdict_.mark_simulated();
        }
        list_.into(verdict_);
        return out;
    }

  private:
    struct Chain {
        x509::Certificate leaf;
        x509::Certificate root;
        RootKind kind;
    };

    std::optional<SignedQuote> judge_signatures(ByteView evidence);
    std::optional<Chain> judge_chain(const Quote& quote);
    bool judge_keys(const Quote& quote, const x509::Certificate& leaf);

    const Anchors& anchors_;
    TimePoint now_;
    Verdict& verdict_;
    Checklist list_;
};

std::string shape(const Quote& quote) {
    return "version " + std::to_string(quote.header.version) +
           (quote.body_type == BodyType::kTd15 ? ", TD 1.5 body" : ", TD 1.0 body");
}

std::optional<SignedQuote> QuoteJudge::judge_signatures(ByteView evidence) {
    auto parsed = Quote::parse(evidence);
    const std::string found = parsed ? shape(parsed->claimed()) : parsed.error().describe();
    if (!list_.require("tdx.format", parsed.has_value(), found)) return std::nullopt;
    Quote quote = std::move(*parsed).claimed();
    if (!list_.require("tdx.tee_type", quote.header.tee_type == kTeeTdx, hex_number(quote.header.tee_type)))
        return std::nullopt;
    const auto chain = judge_chain(quote);
    if (!chain) return std::nullopt;
    const auto platform = read_pck(chain->leaf);
    if (!list_.require("tdx.pck_certificate", platform.has_value(),
                       platform ? "FMSPC " + to_hex(platform->fmspc) : platform.error().describe()))
        return std::nullopt;
    if (!judge_keys(quote, chain->leaf)) return std::nullopt;
    return SignedQuote{std::move(quote), *platform, chain->root, chain->kind};
}

// The root reached is compared as bytes, never by name; a genuine root stays genuine wherever else it is listed.
std::optional<QuoteJudge::Chain> QuoteJudge::judge_chain(const Quote& quote) {
    const auto refused = [&](std::string_view why) {
        list_.require("tdx.pck_chain", false, why);
        return std::nullopt;
    };
    const auto chain = parse_pck_chain(quote.pck_chain);
    if (!chain) return refused(chain.error().describe());
    const auto root = x509::verify_chain(*chain, all_roots(anchors_), now_);
    if (!root) return refused(root.error().describe());
    // A root that is reached early would leave the certificates behind it unjudged.
    if (root->der() != (*chain)[2].der() || root->der() == (*chain)[1].der())
        return refused("not a leaf, a CA and their root");
    const bool genuine = contains(anchors_.genuine, *root);
    list_.require("tdx.pck_chain", true,
                  std::string(genuine ? "pinned root " : "simulated root ") + to_hex(root->fingerprint()));
    for (const x509::Certificate& certificate : *chain) verdict_.holds_until(certificate.not_after());
    return Chain{chain->front(), *root, genuine ? RootKind::kGenuine : RootKind::kSimulated};
}

// DCAP-A: the PCK signs the QE report, the QE report names the attestation key, that key signs the quote.
bool QuoteJudge::judge_keys(const Quote& quote, const x509::Certificate& leaf) {
    constexpr auto kScheme = crypto::Scheme::kEcdsaP256Sha256;
    const auto by_pck = leaf.key().verify(kScheme, quote.qe_report_bytes, quote.qe_report_signature);
    if (!list_.require("tdx.qe_report_signature", by_pck.has_value(), why(by_pck))) return false;
    // All 64 bytes, the zero half too.
    const Digest256 binding = crypto::sha256({quote.attestation_key, quote.qe_auth_data});
    const bool bound = equal(quote.qe_report.report_data, concat(binding, ByteArray<32>{}));
    if (!list_.require("tdx.attestation_key", bound, bound ? "bound" : "QE report data is another value")) return false;
    const auto key = crypto::VerifyingKey::parse_p256(quote.attestation_key);
    const Result<void> by_key =
        key ? key->verify(kScheme, quote.signed_part, quote.signature) : Result<void>(std::unexpected(key.error()));
    return list_.require("tdx.quote_signature", by_key.has_value(), why(by_key));
}

}  // namespace

struct SignedQuote::Verifier {
    static Verified<SignedQuote> verified(SignedQuote signed_quote) {
        return Verified<SignedQuote>(std::move(signed_quote));
    }
};

std::optional<Verified<SignedQuote>> verify_quote(ByteView quote, const Anchors& anchors, TimePoint now,
                                                  Verdict& verdict) {
    auto judged = QuoteJudge(anchors, now, verdict).run(quote);
    if (!judged) return std::nullopt;
    return SignedQuote::Verifier::verified(std::move(*judged));
}

}  // namespace openpcc::tdx
