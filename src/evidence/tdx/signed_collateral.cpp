// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/signed_collateral.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "evidence/tdx/intel_issuers.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/signed_json.hpp"

namespace openpcc::tdx {

namespace {

constexpr std::size_t kMaxItems = 1024;  // of each kind
constexpr std::size_t kMaxCrl = 1 << 20;
constexpr std::size_t kMaxRemembered = 16;  // CAs; there are two
constexpr std::size_t kMaxLeaves = 256;     // some 6 KiB each; the chains of more machines are verified each time

template <class T>
using Item = SignedCollateral::Item<T>;

// KnownRoot is an anchor and its text, as Intel writes it.
struct KnownRoot {
    std::string pem;
    x509::Certificate certificate;
};

std::vector<KnownRoot> known_roots(const Anchors& anchors) {
    std::vector<KnownRoot> out;
    for (const x509::Certificate& root : anchors.all()) out.push_back({to_pem(root), root});
    return out;
}

bool trusts_intel(const Anchors& anchors) { return anchors.kind_of(intel_root()) == RootKind::kGenuine; }

// Signers verifies signing chains; answers of one day share theirs, and so the last one is kept.
class Signers {
  public:
    struct Signer {
        x509::Certificate certificate;
        x509::Certificate root;
        Window window;
    };

    Signers(const Anchors& anchors, const std::vector<KnownRoot>& known) : roots_(anchors.all()), known_(known) {
        if (!trusts_intel(anchors)) return;
        const x509::Certificate& signer = intel_tcb_signer().certificate;
        pem_ = to_bytes(intel_tcb_signer().pem);
        last_ = Signer{signer, intel_root(), window_of({signer, intel_root()})};
    }

    Result<Signer> of(ByteView pem) {
        if (!last_ || !equal(pem_, pem)) {
            last_ = verify(pem);
            pem_ = Bytes(pem);
        }
        return *last_;
    }

  private:
    // PCS API v4: signing certificate and root. The chain is judged at the latest start of its certificates, when all
    // have begun; whether they hold now is asked in every verification.
    Result<Signer> verify(ByteView pem) const {
        const auto chain = parse(as_text(pem));
        if (!chain || chain->size() != 2) return bad_collateral("issuer chain: not a signing certificate and a root");
        const x509::Certificate& signer = chain->front();
        const Window window = window_of(*chain);
        const auto root = x509::verify_chain(*chain, roots_, window.from);
        if (!root) return bad_collateral("issuer chain: " + root.error().text());
        if (!same_certificate(*root, chain->back()) || same_certificate(*root, signer))
            return bad_collateral("issuer chain: does not end at a given root");
        if (signer.subject_common_name() != kTcbSigningName || is_ca(signer))
            return bad_collateral("issuer chain: not Intel's certificate for signing TCB");
        return Signer{signer, *root, window};
    }

    Result<std::vector<x509::Certificate>> parse(std::string_view pem) const {
        for (const KnownRoot& root : known_) {
            if (!pem.ends_with(root.pem) || pem.size() == root.pem.size()) continue;
            pem.remove_suffix(root.pem.size());
            OPENPCC_TRY(auto chain, x509::Certificate::parse_pem_chain(as_bytes(pem), 1));
            chain.push_back(root.certificate);
            return chain;
        }
        return x509::Certificate::parse_pem_chain(as_bytes(pem), 2);
    }

    std::vector<x509::Certificate> roots_;
    const std::vector<KnownRoot>& known_;
    Bytes pem_;
    std::optional<Result<Signer>> last_;
};

template <class T>
Result<Item<T>> judge_item(const SignedJson& answer, std::string_view name, Signers& signers) {
    OPENPCC_TRY(const Envelope envelope, Envelope::parse(answer.json, name));
    OPENPCC_TRY(const Signers::Signer signer, signers.of(answer.issuer_chain));
    const auto good =
        signer.certificate.key().verify(crypto::Scheme::kEcdsaP256Sha256, envelope.value, envelope.signature);
    if (!good) return bad_collateral("signature");
    OPENPCC_TRY(auto content, T::parse(envelope.value));
    return Item<T>{std::move(content).claimed(), signer.certificate, signer.root, signer.window};
}

SignedCollateral::Refused refused(const SignedJson& answer, std::string_view name, std::string why) {
    const auto envelope = Envelope::parse(answer.json, name);
    return {std::move(why), envelope ? claimed_fmspc(envelope->value) : std::nullopt};
}

template <class T>
SignedCollateral::Documents<T> judge_items(const std::vector<SignedJson>& answers, std::string_view name,
                                           Signers& signers) {
    SignedCollateral::Documents<T> out;
    for (std::size_t i = 0; i < std::min(answers.size(), kMaxItems); ++i) {
        auto item = judge_item<T>(answers[i], name, signers);
        if (item)
            out.items.push_back(std::move(*item));
        else
            out.refused.push_back(refused(answers[i], name, item.error().text()));
    }
    if (answers.size() > kMaxItems) out.refused.push_back({"too many", std::nullopt});
    return out;
}

}  // namespace

struct SignedCollateral::State {
    std::vector<KnownRoot> roots;
    Documents<TcbInfo> tcb_infos;
    Documents<QeIdentity> qe_identities;
    struct NamedCrl {
        std::string issuer;  // common name
        x509::Crl crl;
    };
    std::vector<NamedCrl> crls;
    std::vector<std::string> crls_refused;

    struct Known {
        std::string pem;
        Issuers issuers;
    };
    struct KnownLists {
        x509::Certificate issuer;
        Lists lists;
    };
    mutable std::mutex mutex;
    mutable std::vector<Known> known;
    mutable std::vector<KnownLists> lists;
    mutable std::map<std::string, x509::Certificate, std::less<>> leaves;

    // Any list may revoke: when not all of them are read, none is, so that what is left over hides nothing.
    void read_crls(const std::vector<Bytes>& ders) {
        if (ders.size() > kMaxItems) return crls_refused.emplace_back("too many"), void();
        for (const Bytes& der : ders) {
            auto crl = der.size() > kMaxCrl ? Result<x509::Crl>(bad_collateral("too long")) : x509::Crl::parse_der(der);
            if (crl && !crl->next_update()) crl = bad_collateral("no end");
            if (crl)
                crls.push_back({crl->issuer_common_name(), *crl});
            else
                crls_refused.push_back(crl.error().text().empty() ? "not a revocation list" : crl.error().text());
        }
    }
};

SignedCollateral::SignedCollateral() : state_(std::make_shared<State>()) {}

SignedCollateral::SignedCollateral(const Collateral& collateral, const Anchors& anchors) {
    auto state = std::make_shared<State>();
    state->roots = known_roots(anchors);
    Signers signers(anchors, state->roots);
    state->tcb_infos = judge_items<TcbInfo>(collateral.tcb_infos, "tcbInfo", signers);
    state->qe_identities = judge_items<QeIdentity>(collateral.qe_identities, "enclaveIdentity", signers);
    state->read_crls(collateral.crls);
    if (trusts_intel(anchors))
        for (const IntelIssuer& ca : intel_pck_cas()) state->known.push_back({ca.pem, {ca.certificate, intel_root()}});
    state_ = std::move(state);
    for (const x509::Certificate& root : anchors.all()) (void)lists_of(root);
}

bool SignedCollateral::empty() const {
    const auto none = [](const auto& documents) { return documents.items.empty() && documents.refused.empty(); };
    return none(state_->tcb_infos) && none(state_->qe_identities) && state_->crls.empty() &&
           state_->crls_refused.empty();
}

const SignedCollateral::Documents<TcbInfo>& SignedCollateral::tcb_infos() const { return state_->tcb_infos; }
const SignedCollateral::Documents<QeIdentity>& SignedCollateral::qe_identities() const { return state_->qe_identities; }
const std::vector<std::string>& SignedCollateral::crls_refused() const { return state_->crls_refused; }

SignedCollateral::Lists SignedCollateral::lists_of(const x509::Certificate& issuer) const {
    const auto is_of_issuer = [&](const State::KnownLists& known) { return same_certificate(known.issuer, issuer); };
    {
        const std::lock_guard lock(state_->mutex);
        const auto known = std::ranges::find_if(state_->lists, is_of_issuer);
        if (known != state_->lists.end()) return known->lists;
    }
    Lists out;
    const std::string name = issuer.subject_common_name();
    for (const State::NamedCrl& each : state_->crls) {
        if (each.issuer != name) continue;
        if (each.crl.verify(issuer))
            out.good.push_back(each.crl);
        else
            ++out.forged;
    }
    const std::lock_guard lock(state_->mutex);
    // Another thread may have been as quick: each issuer takes one place.
    if (state_->lists.size() < kMaxRemembered && std::ranges::none_of(state_->lists, is_of_issuer))
        state_->lists.push_back({issuer, out});
    return out;
}

std::optional<x509::Certificate> SignedCollateral::root_of(std::string_view pem) const {
    const auto root = std::ranges::find(state_->roots, pem, &KnownRoot::pem);
    return root == state_->roots.end() ? std::nullopt : std::optional(root->certificate);
}

std::optional<SignedCollateral::Issuers> SignedCollateral::known_issuers(std::string_view pem) const {
    const std::lock_guard lock(state_->mutex);
    const auto known = std::ranges::find(state_->known, pem, &State::Known::pem);
    return known == state_->known.end() ? std::nullopt : std::optional(known->issuers);
}

std::optional<x509::Certificate> SignedCollateral::known_leaf(std::string_view pem) const {
    const std::lock_guard lock(state_->mutex);
    const auto known = state_->leaves.find(pem);
    return known == state_->leaves.end() ? std::nullopt : std::optional(known->second);
}

void SignedCollateral::remember_leaf(std::string_view pem, const x509::Certificate& leaf) const {
    const std::lock_guard lock(state_->mutex);
    if (state_->leaves.size() < kMaxLeaves) state_->leaves.try_emplace(std::string(pem), leaf);
}

void SignedCollateral::remember_issuers(std::string_view pem, const Issuers& issuers) const {
    const std::lock_guard lock(state_->mutex);
    if (state_->known.size() < kMaxRemembered &&
        std::ranges::find(state_->known, pem, &State::Known::pem) == state_->known.end())
        state_->known.push_back({std::string(pem), issuers});
}

}  // namespace openpcc::tdx
