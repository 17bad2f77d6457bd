// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/verify.hpp"

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "evidence/tdx/judge.hpp"

namespace openpcc::tdx {

namespace {

std::string why(const Result<void>& result) { return result ? "good" : result.error().describe(); }

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

// QuoteJudge walks one quote in the order of attestation: shape, signatures from the root down, then configuration,
// judged on signed bytes only.
class QuoteJudge {
  public:
    QuoteJudge(const Anchors& anchors, const SignedCollateral& collateral, const Rules& rules, TimePoint now,
               Verdict& verdict)
        : anchors_(anchors), collateral_(collateral), rules_(rules), now_(now), verdict_(verdict), list_(checks()) {}

    std::optional<SignedQuote> run(ByteView evidence) {
        auto out = judge_signatures(evidence);
        if (out) {
            judge_configuration(out->quote, rules_, list_);
            CollateralJudge judge(out->quote, out->platform, *chain_, collateral_, rules_, now_, verdict_, list_);
            out->tcb = judge.run();
            if (out->root_kind == RootKind::kSimulated) verdict_.mark_simulated();
        }
        std::move(list_).into(verdict_);
        return out;
    }

  private:
    std::optional<SignedQuote> judge_signatures(ByteView evidence);
    bool judge_chain(const Quote& quote);
    std::optional<PckChain> known_chain(ByteView pem) const;
    Result<std::vector<x509::Certificate>> parse_chain(ByteView pem) const;
    Result<PckChain> new_chain(ByteView pem) const;
    bool judge_keys(const Quote& quote);

    const Anchors& anchors_;
    const SignedCollateral& collateral_;
    const Rules& rules_;
    TimePoint now_;
    Verdict& verdict_;
    Checklist list_;
    std::optional<PckChain> chain_;
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
    if (!judge_chain(quote)) return std::nullopt;
    const auto platform = read_pck(chain_->leaf);
    if (!list_.require("tdx.pck_certificate", platform.has_value(),
                       platform ? "FMSPC " + to_hex(platform->fmspc) : platform.error().describe()))
        return std::nullopt;
    if (!judge_keys(quote)) return std::nullopt;
    return SignedQuote{std::move(quote), *platform, platform_name(*platform), chain_->root, chain_->kind, {}};
}

bool QuoteJudge::judge_chain(const Quote& quote) {
    chain_ = known_chain(quote.pck_chain);
    if (!chain_) {
        auto chain = new_chain(quote.pck_chain);
        if (!chain) return list_.require("tdx.pck_chain", false, chain.error().describe());
        chain_ = std::move(*chain);
    }
    const x509::Certificate& root = chain_->root;
    const std::string_view kind = chain_->kind == RootKind::kGenuine ? "pinned root " : "simulated root ";
    list_.require("tdx.pck_chain", true, std::string(kind) + to_hex(root.fingerprint()));
    list_.rests_on("tdx.pck_chain", {root.subject_common_name(), chain_->leaf.not_before(), chain_->leaf.not_after()});
    for (const x509::Certificate* each : {&chain_->leaf, &chain_->ca, &chain_->root})
        verdict_.holds_until(each->not_after());
    return true;
}

// CA and root stand above many platforms, and a platform shows its leaf with each of its quotes: who has signed whom is
// verified once. All three windows are judged every time. Whatever fails here is judged anew by new_chain, which says
// why.
std::optional<PckChain> QuoteJudge::known_chain(ByteView pem) const {
    const PckChainText text = cut_pck_chain(pem);
    const auto issuers = collateral_.known_issuers(text.rest);
    if (!issuers) return std::nullopt;
    const auto kind = anchors_.kind_of(issuers->root);
    if (!kind || !window_of({issuers->root}).holds(now_)) return std::nullopt;
    if (const auto leaf = collateral_.known_leaf(as_text(pem))) {
        if (!window_of({*leaf, issuers->ca}).holds(now_)) return std::nullopt;
        return PckChain{*leaf, issuers->ca, issuers->root, *kind};
    }
    const auto leaf = parse_pck_pem(text.first);
    if (!leaf || !x509::verify_chain({*leaf, issuers->ca}, {issuers->ca}, now_)) return std::nullopt;
    collateral_.remember_leaf(as_text(pem), *leaf);
    return PckChain{*leaf, issuers->ca, issuers->root, *kind};
}

// A root that is written as an anchor is that anchor: equal text, equal bytes.
Result<std::vector<x509::Certificate>> QuoteJudge::parse_chain(ByteView pem) const {
    const PckChainText text = cut_pck_chain(pem);
    const PckChainText issuers = cut_pck_chain(as_bytes(text.rest));
    const auto root = collateral_.root_of(issuers.rest);
    if (!root) return parse_pck_chain(pem);
    OPENPCC_TRY(auto leaf, parse_pck_pem(text.first));
    OPENPCC_TRY(auto ca, parse_pck_pem(issuers.first));
    return std::vector{std::move(leaf), std::move(ca), *root};
}

// The root reached is compared as bytes, never by name.
Result<PckChain> QuoteJudge::new_chain(ByteView pem) const {
    OPENPCC_TRY(const auto chain, parse_chain(pem));
    OPENPCC_TRY(const auto root, x509::verify_chain(chain, anchors_.all(), now_));
    // A root that is reached early would leave the certificates behind it unjudged.
    if (!same_certificate(root, chain[2]) || same_certificate(root, chain[1]))
        return fail(kBadPck, "not a leaf, a CA and their root");
    const auto kind = anchors_.kind_of(root);
    OPENPCC_ASSERT(kind.has_value());
    collateral_.remember_issuers(cut_pck_chain(pem).rest, {chain[1], root});
    return PckChain{chain[0], chain[1], root, *kind};
}

// DCAP-A: the PCK signs the QE report, the QE report names the attestation key, that key signs the quote.
bool QuoteJudge::judge_keys(const Quote& quote) {
    constexpr auto kScheme = crypto::Scheme::kEcdsaP256Sha256;
    const auto by_pck = chain_->leaf.key().verify(kScheme, quote.qe_report_bytes, quote.qe_report_signature);
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

PlatformName platform_name(const PckPlatform& platform) {
    return PlatformName::from_view(crypto::sha256({as_bytes("openpcc TDX platform 1"), platform.ppid}));
}

std::optional<Verified<SignedQuote>> verify_quote(ByteView quote, const Anchors& anchors,
                                                  const SignedCollateral& collateral, const Rules& rules, TimePoint now,
                                                  Verdict& verdict) {
    auto judged = QuoteJudge(anchors, collateral, rules, now, verdict).run(quote);
    if (!judged) return std::nullopt;
    return SignedQuote::Verifier::verified(std::move(*judged));
}

}  // namespace openpcc::tdx
