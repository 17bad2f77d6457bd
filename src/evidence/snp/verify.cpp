// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/verify.hpp"

#include <algorithm>
#include <cstdio>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "evidence/snp/judge.hpp"

namespace openpcc::snp {

namespace {

constexpr std::size_t kLongestCertificate = 16 << 10;
constexpr std::string_view kPlatformLabel = "openpcc SEV-SNP platform v1";
constexpr std::string_view kWhyNotMilan = "Milan: root seed extracted in May 2026, reports for any TCB can be forged";

const ProductRule* rule_for(const Rules& rules, Product product) {
    const auto found = std::ranges::find(rules.products, product, &ProductRule::product);
    return found == rules.products.end() ? nullptr : &*found;
}

bool in_date(const x509::Certificate& certificate, TimePoint now) {
    return certificate.not_before() <= now && now <= certificate.not_after();
}

// Only a VCEK names its chip: what a VLEK's report says of the chip no certificate vouches for, and a list of machines
// must not rest on it.
std::optional<PlatformId> platform_of(const Report& report, Product product, KeyKind kind) {
    if (kind != KeyKind::kVcek || report.chip_id == ChipId{}) return std::nullopt;
    const std::uint8_t label_size[] = {kPlatformLabel.size()};
    const std::string_view name = to_string(product);
    const std::uint8_t name_size[] = {static_cast<std::uint8_t>(name.size())};
    return crypto::sha256({ByteView(label_size), as_bytes(kPlatformLabel), ByteView(name_size), as_bytes(name),
                           ByteView(report.chip_id)});
}

// ReportJudge walks one report in the order of attestation: shape, signatures from the root down, then everything else,
// judged on signed bytes only.
class ReportJudge {
  public:
    ReportJudge(const Anchors& anchors, const SignedCollateral& collateral, const Rules& rules, TimePoint now,
                Verdict& verdict)
        : anchors_(anchors), collateral_(collateral), rules_(rules), now_(now), verdict_(verdict), list_(checks()) {}

    std::optional<SignedReport> run(ByteView evidence, std::span<const Bytes> certificates) {
        auto out = judge(evidence, certificates);
        if (out && out->root_kind == RootKind::kSimulated) verdict_.mark_simulated();
        list_.into(verdict_);
        return out;
    }

  private:
    std::optional<SignedReport> judge(ByteView evidence, std::span<const Bytes> certificates);
    std::optional<Report> judge_shape(ByteView evidence);
    std::optional<Chain> judge_chain(std::span<const Bytes> certificates);
    Result<Chain> verified_chain(std::span<const Bytes> certificates);
    std::optional<Endorsement> judge_signatures(const Report& report, const Chain& chain);
    const ProductRule* judge_product(const Report& report, Product product);

    const Anchors& anchors_;
    const SignedCollateral& collateral_;
    const Rules& rules_;
    TimePoint now_;
    Verdict& verdict_;
    Checklist list_;
};

std::optional<SignedReport> ReportJudge::judge(ByteView evidence, std::span<const Bytes> certificates) {
    auto report = judge_shape(evidence);
    if (!report) return std::nullopt;
    const auto chain = judge_chain(certificates);
    if (!chain) return std::nullopt;
    auto endorsement = judge_signatures(*report, *chain);
    if (!endorsement) return std::nullopt;

    const Product product = chain->issuer.product;
    const ProductRule* rule = judge_product(*report, product);
    const bool reserved = reserved_zero(*report, product);
    list_.require("snp.reserved", reserved, reserved ? "zero" : "not zero");
    const Case is{*report, *chain, *endorsement, product, rule, rules_, now_};
    judge_identity(is, list_);
    TcbGrade tcb = judge_tcb(is, list_, verdict_);
    judge_configuration(is, list_);
    judge_revocation(is, collateral_, list_, verdict_);
    const auto platform = platform_of(*report, product, endorsement->kind);
    return SignedReport{*std::move(report), product,           *std::move(endorsement), platform,
                        std::move(tcb),     chain->issuer.ark, chain->root_kind};
}

std::optional<Report> ReportJudge::judge_shape(ByteView evidence) {
    auto parsed = Report::parse(evidence);
    const std::string found =
        parsed ? "version " + std::to_string(parsed->claimed().version) : parsed.error().describe();
    if (!list_.require("snp.format", parsed.has_value(), found)) return std::nullopt;
    Report report = std::move(*parsed).claimed();
    const bool known = report.signature_algo == kEcdsaP384Sha384;
    if (!list_.require("snp.signature_algo", known, std::to_string(report.signature_algo))) return std::nullopt;
    return report;
}

// The ASK or ASVK is verified under its ARK without a date, because that can be remembered; dates of all three are
// looked at here, each time.
Result<Chain> ReportJudge::verified_chain(std::span<const Bytes> certificates) {
    if (certificates.size() != 2) return fail(kBadCertificate, "not two certificates");
    for (const Bytes& certificate : certificates)
        if (certificate.size() > kLongestCertificate) return fail(kBadCertificate, "a certificate longer than 16 KiB");
    OPENPCC_TRY(auto leaf, x509::Certificate::parse_der(certificates[0]));
    if (!signed_as_by_amd(certificates[0]))
        return fail(kBadCertificate, "leaf not signed with RSASSA-PSS, SHA-384 and 48 bytes of salt");
    OPENPCC_TRY(auto issuer, collateral_.issuers().verify(certificates[1], all_roots(anchors_)));
    if (!in_date(issuer.ark, now_)) return fail(kBadCertificate, "the ARK is not in date");
    OPENPCC_CHECK(x509::verify_chain({leaf}, {issuer.certificate}, now_));
    if (leaf.der() == issuer.certificate.der()) return fail(kBadCertificate, "no leaf");
    // A genuine ARK stays genuine wherever else it is listed.
    const bool genuine = contains(anchors_.genuine, issuer.ark);
    return Chain{std::move(leaf), std::move(issuer), genuine ? RootKind::kGenuine : RootKind::kSimulated};
}

std::optional<Chain> ReportJudge::judge_chain(std::span<const Bytes> certificates) {
    auto chain = verified_chain(certificates);
    if (!chain) {
        list_.require("snp.chain", false, chain.error().describe());
        return std::nullopt;
    }
    const x509::Certificate& ark = chain->issuer.ark;
    list_.require("snp.chain", true,
                  std::string(chain->root_kind == RootKind::kGenuine ? "pinned " : "simulated ") +
                      ark.subject_common_name() + " " + to_hex(ark.fingerprint()));
    list_.rests_on("snp.chain", basis_of(chain->issuer.certificate));
    for (const x509::Certificate& certificate : {chain->leaf, chain->issuer.certificate, ark})
        verdict_.holds_until(certificate.not_after());
    return *std::move(chain);
}

std::optional<Endorsement> ReportJudge::judge_signatures(const Report& report, const Chain& chain) {
    auto endorsement = read_endorsement(chain.leaf, chain.issuer.product);
    if (endorsement && endorsement->kind != chain.issuer.kind)
        endorsement = fail(kBadCertificate, "a leaf of another kind than its CA issues");
    if (!list_.require("snp.certificate", endorsement.has_value(),
                       endorsement ? std::string(to_string(endorsement->kind)) + ", " + endorsement->product_name
                                   : endorsement.error().describe()))
        return std::nullopt;
    list_.rests_on("snp.certificate", basis_of(chain.leaf));
    const auto by_leaf =
        chain.leaf.key().verify(crypto::Scheme::kEcdsaP384Sha384, report.signed_part, big_endian_signature(report));
    if (!list_.require("snp.signature", by_leaf.has_value(), by_leaf ? "good" : by_leaf.error().describe()))
        return std::nullopt;
    list_.rests_on("snp.signature",
                   {chain.leaf.subject_common_name(), chain.leaf.not_before(), chain.leaf.not_after()});
    const auto wanted = endorsement->kind == KeyKind::kVcek ? SigningKey::kVcek : SigningKey::kVlek;
    list_.require("snp.signing_key", report.signing_key() == wanted, std::string(to_string(endorsement->kind)),
                  std::to_string(static_cast<unsigned>(report.signing_key())));
    return *std::move(endorsement);
}

// Messages of the firmware carry no product before version 3: there the chain names it.
const ProductRule* ReportJudge::judge_product(const Report& report, Product product) {
    const auto refused = [&](std::string_view why) {
        list_.require("snp.product", false, why);
        return nullptr;
    };
    if (report.version >= 3 && product_of(report.cpuid) != product)
        return refused("report: family " + hex_number(report.cpuid.family) + ", model " +
                       hex_number(report.cpuid.model) + "; chain: " + std::string(to_string(product)));
    const ProductRule* rule = rule_for(rules_, product);
    if (rule == nullptr && product == Product::kMilan) return refused(kWhyNotMilan);
    if (rule == nullptr) return refused(std::string(to_string(product)) + ": not named by the policy");
    list_.require("snp.product", true, to_string(product));
    return rule;
}

}  // namespace

std::string hex_number(std::uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

Basis basis_of(const x509::Certificate& certificate) {
    return {certificate.issuer_common_name(), certificate.not_before(), certificate.not_after()};
}

struct SignedReport::Verifier {
    static Verified<SignedReport> verified(SignedReport report) { return Verified<SignedReport>(std::move(report)); }
};

std::optional<Verified<SignedReport>> verify_report(ByteView report, std::span<const Bytes> certificates,
                                                    const Anchors& anchors, const SignedCollateral& collateral,
                                                    const Rules& rules, TimePoint now, Verdict& verdict) {
    auto judged = ReportJudge(anchors, collateral, rules, now, verdict).run(report, certificates);
    if (!judged) return std::nullopt;
    return SignedReport::Verifier::verified(std::move(*judged));
}

}  // namespace openpcc::snp
