// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/foreign.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "evidence/tdx/anchors.hpp"
#include "trust/collateral/forms.hpp"
#include "trust/collateral/items.hpp"
#include "trust/collateral/merge.hpp"

namespace openpcc::collateral {

namespace {

constexpr std::string_view kOurs = R"({"version":)";
constexpr std::size_t kMaxPool = 256;  // certificates that chains are made of

std::string_view text_of(const json::Value& object, std::string_view name) {
    const json::Value* value = object.get(name);
    return value == nullptr ? std::string_view{} : value->as_string().value_or("");
}

// rebuilt puts an object and its signature together as Intel's service sends them; caches that split the two keep the
// object's bytes, which is what is signed. Some caches split nothing.
std::string rebuilt(std::string_view name, std::string_view object, std::string_view signature) {
    const std::string begin = "{\"" + std::string(name) + "\":";
    if (object.starts_with(begin)) return std::string(object);
    return begin + std::string(object) + ",\"signature\":\"" + std::string(signature) + "\"}";
}

// Member is what a member of the JSON of caches and verifiers means (PCCS, dcap-qvl, teepot).
enum class Meaning { kTcbInfo, kIdentity, kAnswer, kCrl, kBeside, kNoUse };
struct Member {
    std::string_view name;
    Meaning meaning;
    std::string_view chain;      // the member with its issuer chain
    std::string_view signature;  // the member with its signature, where the two are split
};
constexpr Member kMembers[] = {
    {"tcb_info", Meaning::kTcbInfo, "tcb_info_issuer_chain", "tcb_info_signature"},
    {"qe_identity", Meaning::kIdentity, "qe_identity_issuer_chain", "qe_identity_signature"},
    {"tcb_info_json", Meaning::kAnswer, "issuer_chain", ""},
    {"enclave_identity_json", Meaning::kAnswer, "issuer_chain", ""},
    {"pck_crl", Meaning::kCrl, "", ""},
    {"root_ca_crl", Meaning::kCrl, "", ""},
    {"crl_data", Meaning::kCrl, "", ""},
    {"issuer_chain", Meaning::kBeside, "", ""},
    {"tcb_info_issuer_chain", Meaning::kBeside, "", ""},
    {"tcb_info_signature", Meaning::kBeside, "", ""},
    {"qe_identity_issuer_chain", Meaning::kBeside, "", ""},
    {"qe_identity_signature", Meaning::kBeside, "", ""},
    {"pck_crl_issuer_chain", Meaning::kBeside, "", ""},
    {"pck_certificate_chain", Meaning::kNoUse, "", ""},
    {"tcb_evaluation_data_numbers_json", Meaning::kNoUse, "", ""},
};

template <class Item>
void move_behind(std::vector<Item>& all, std::vector<Item>&& more) {
    std::ranges::move(more, std::back_inserter(all));
}

void append(Collection& all, Collection more) {
    all.fetched = std::max(all.fetched, more.fetched);
    move_behind(all.snp.crls, std::move(more.snp.crls));
    move_behind(all.tdx.crls, std::move(more.tdx.crls));
    move_behind(all.tdx.qe_identities, std::move(more.tdx.qe_identities));
    move_behind(all.tdx.tcb_infos, std::move(more.tdx.tcb_infos));
}

}  // namespace

void Packer::remark(Remark::Kind kind, const std::string& name, std::string text) {
    packed_.remarks.push_back({kind, name, std::move(text)});
}

void Packer::add(std::string name, ByteView input) {
    const std::string_view text = as_text(input);
    if (text.starts_with(kOurs)) return add_collection(name, input);
    if (input.size() > kMaxForeign) return remark(Remark::Kind::kUnknown, name, "longer than 1 MiB");
    if (text.starts_with("HTTP/")) return add_answer(name, input);
    if (text.starts_with("{")) return add_json(name, input);
    if (add_certificates(input))
        return remark(Remark::Kind::kLeftOut, name, "certificates, which complete answers that lack a chain");
    add_crl(name, input);
}

void Packer::add_collection(const std::string& name, ByteView input) {
    auto read = Collection::parse(input);
    if (!read) return remark(Remark::Kind::kUnknown, name, read.error().describe());
    append(packed_.collection, std::move(*read).claimed());
}

void Packer::add_answer(const std::string& name, ByteView input) {
    const auto answer = read_answer(input);
    if (!answer) return remark(Remark::Kind::kUnknown, name, answer.error().text());
    const std::string_view content = as_text(answer->content);
    if (content.starts_with("{"))
        add_body(name, content, answer->issuer_chain);
    else
        add_crl(name, answer->content);
}

void Packer::add_json(const std::string& name, ByteView input) {
    const auto value = json::parse(input);
    if (!value) return remark(Remark::Kind::kUnknown, name, "not strict JSON");
    if (value->get("tcbInfo") != nullptr || value->get("enclaveIdentity") != nullptr)
        return add_body(name, as_text(input), "");
    if (value->get("tcbEvaluationDataNumbers") != nullptr)
        return remark(Remark::Kind::kLeftOut, name, "a list of evaluation numbers, which nothing here is judged by");
    add_parts(name, *value);
}

void Packer::add_parts(const std::string& name, const json::Value& parts) {
    bool any = false;
    for (const auto& [member, value] : parts.members()) {
        const auto* known = std::ranges::find(kMembers, std::string_view(member), &Member::name);
        if (known == std::end(kMembers)) continue;
        any = true;
        const auto text = value.as_string();
        if (!text) {
            remark(Remark::Kind::kUnknown, name, "member " + member + " is no string");
            continue;
        }
        const std::string_view chain = text_of(parts, known->chain);
        switch (known->meaning) {
            case Meaning::kTcbInfo:
                add_body(name, rebuilt("tcbInfo", *text, text_of(parts, known->signature)), chain);
                break;
            case Meaning::kIdentity:
                add_body(name, rebuilt("enclaveIdentity", *text, text_of(parts, known->signature)), chain);
                break;
            case Meaning::kAnswer:
                add_body(name, *text, chain);
                break;
            case Meaning::kCrl:
                add_crl(name, as_bytes(*text));
                break;
            case Meaning::kBeside:
                break;
            case Meaning::kNoUse:
                remark(Remark::Kind::kLeftOut, name, member + ", which is no collateral");
                break;
        }
    }
    if (!any) return remark(Remark::Kind::kUnknown, name, "JSON that is no collateral");
    const bool stranger = std::ranges::any_of(parts.members(), [](const json::Member& one) {
        return std::ranges::find(kMembers, std::string_view(one.first), &Member::name) == std::end(kMembers);
    });
    if (stranger) remark(Remark::Kind::kUnknown, name, "a member that nobody knows, beside known ones");
}

void Packer::add_body(const std::string& name, std::string_view body, std::string_view issuer_chain) {
    const ByteView bytes = as_bytes(body);
    auto read = read_tcb_info(bytes);
    const bool is_tcb_info = read.has_value();
    if (!read) read = read_identity(bytes);
    if (!read) return remark(Remark::Kind::kUnknown, name, read.error().text());
    if (read->id != (is_tcb_info ? "TDX" : "TD_QE"))
        return remark(Remark::Kind::kLeftOut, name, "collateral of SGX, which TDX needs nothing of");
    if (issuer_chain.empty()) {
        loose_.push_back({name, Bytes(bytes)});
        return;
    }
    const auto chain = read_chain(issuer_chain);
    if (!chain) return remark(Remark::Kind::kUnknown, name, "an answer with an issuer chain that cannot be read");
    keep_body(name, Bytes(bytes), pem_of(*chain));
}

void Packer::keep_body(const std::string& name, Bytes body, Bytes issuer_chain) {
    Collection one;
    const auto read = read_tcb_info(body);
    one.fetched = read ? read->issued : read_identity(body)->issued;
    auto& list = read ? one.tdx.tcb_infos : one.tdx.qe_identities;
    list.push_back({std::move(body), std::move(issuer_chain)});
    if (const auto written = one.to_json(); !written)
        return remark(Remark::Kind::kUnknown, name, written.error().text());
    append(packed_.collection, std::move(one));
}

void Packer::add_crl(const std::string& name, ByteView bytes) {
    const auto crl = read_crl(bytes);
    if (!crl) return remark(Remark::Kind::kUnknown, name, "none of the known forms");
    const std::string_view section = section_of(crl->issuer_common_name());
    if (section.empty())
        return remark(Remark::Kind::kUnknown, name, "a revocation list of an issuer that nobody knows");
    Collection one;
    one.fetched = crl->this_update();
    (section == "snp" ? one.snp.crls : one.tdx.crls).push_back(crl->der());
    if (const auto written = one.to_json(); !written)
        return remark(Remark::Kind::kUnknown, name, written.error().text());
    append(packed_.collection, std::move(one));
}

bool Packer::add_certificates(ByteView bytes) {
    std::vector<x509::Certificate> found;
    if (auto one = x509::Certificate::parse_der(bytes)) found.push_back(std::move(*one));
    if (auto chain = x509::Certificate::parse_pem_chain(bytes, kMaxCertificates)) found = std::move(*chain);
    for (x509::Certificate& one : found) {
        const bool known =
            std::ranges::find(certificates_, one.fingerprint(), &x509::Certificate::fingerprint) != certificates_.end();
        if (!known && certificates_.size() < kMaxPool) certificates_.push_back(std::move(one));
    }
    return !found.empty();
}

// Intel has had two certificates for one signing key: the later one of those in force when the answer was issued is
// taken, else the later one.
std::optional<Bytes> Packer::chain_for(ByteView body) const {
    const auto part = signed_part(as_text(body));
    if (!part) return std::nullopt;
    const auto signature = from_hex(part->signature);
    if (!signature) return std::nullopt;
    const auto read = read_tcb_info(body);
    const TimePoint issued = read ? read->issued : read_identity(body)->issued;
    const auto rank = [&](const x509::Certificate& one) {
        return std::tuple(one.not_before() <= issued && issued <= one.not_after(), one.not_before(), one.fingerprint());
    };
    const x509::Certificate* leaf = nullptr;
    for (const x509::Certificate& one : certificates_)
        if (one.key().verify(crypto::Scheme::kEcdsaP256Sha256, as_bytes(part->object), *signature) &&
            (leaf == nullptr || rank(*leaf) < rank(one)))
            leaf = &one;
    if (leaf == nullptr) return std::nullopt;
    std::vector<x509::Certificate> roots = certificates_;
    roots.push_back(tdx::intel_root());
    const auto signs = [&](const x509::Certificate& root) {
        return root.fingerprint() != leaf->fingerprint() &&
               x509::verify_chain({*leaf}, {root}, std::max(leaf->not_before(), root.not_before()));
    };
    const auto root = std::ranges::find_if(roots, signs);
    if (root == roots.end()) return std::nullopt;
    return pem_of({*leaf, *root});
}

Packed Packer::finish() && {
    for (Loose& one : loose_) {
        if (auto chain = chain_for(one.json))
            keep_body(one.input, std::move(one.json), std::move(*chain));
        else
            remark(Remark::Kind::kUnknown, one.input, "an answer without its issuer chain, and no certificate fits it");
    }
    packed_.collection = merge(packed_.collection, {});
    return std::move(packed_);
}

}  // namespace openpcc::collateral
