// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/items.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "crypto/x509/x509.hpp"
#include "wire/json.hpp"

namespace openpcc::collateral {

namespace {

std::unexpected<Error> not_an_answer(std::string_view what) {
    return fail(kMalformed, "not an answer of Intel's service: " + std::string(what));
}

Result<TimePoint> time_member(const json::Value& object, std::string_view name) {
    const json::Value* value = object.get(name);
    if (value == nullptr || !value->as_string()) return not_an_answer(name);
    const auto time = parse_rfc3339(*value->as_string());
    return time ? time : Result<TimePoint>(not_an_answer(name));
}

Result<std::string> text_member(const json::Value& object, std::string_view name, std::size_t limit) {
    const json::Value* value = object.get(name);
    const auto text = value == nullptr ? std::nullopt : value->as_string();
    if (!text || text->empty() || text->size() > limit) return not_an_answer(name);
    if (!std::ranges::all_of(*text, [](char c) { return c > 0x20 && c < 0x7f; })) return not_an_answer(name);
    return std::string(*text);
}

// The signed object and its signature, 64 bytes in hex, and nothing else.
Result<Body> read_body(ByteView bytes, std::string_view name) {
    if (bytes.size() > kMaxText) return fail(kTooLarge, "an answer of Intel's service is too long");
    const auto value = json::parse(bytes);
    if (!value || !value->is_object() || value->members().size() != 2) return not_an_answer("its members");
    const json::Value* inside = value->get(name);
    if (inside == nullptr || !inside->is_object()) return not_an_answer(name);
    OPENPCC_TRY(const std::string signature, text_member(*value, "signature", 128));
    if (!array_from_hex<ByteArray<64>>(signature)) return not_an_answer("signature");
    Body out;
    // Version 2 of TCB info has no id: it is older than TDX.
    if (inside->get("id") != nullptr) {
        OPENPCC_TRY(out.id, text_member(*inside, "id", 16));
    }
    OPENPCC_TRY(out.issued, time_member(*inside, "issueDate"));
    OPENPCC_TRY(out.next_update, time_member(*inside, "nextUpdate"));
    const json::Value* evaluation = inside->get("tcbEvaluationDataNumber");
    const auto number = evaluation == nullptr ? std::nullopt : evaluation->as_int();
    if (!number || *number < 0) return not_an_answer("tcbEvaluationDataNumber");
    out.evaluation = *number;
    if (inside->get("fmspc") == nullptr) return out;
    OPENPCC_TRY(const std::string fmspc, text_member(*inside, "fmspc", 12));
    const auto digits = array_from_hex<ByteArray<6>>(fmspc);
    if (!digits) return not_an_answer("fmspc");
    out.fmspc = to_hex(*digits);
    return out;
}

std::string signer_of(ByteView issuer_chain) {
    const auto chain = x509::Certificate::parse_pem_chain(issuer_chain, 4);
    return chain ? chain->front().subject_common_name() : "";
}

Item item_of(std::string_view section, Kind kind, const tdx::SignedJson& body) {
    Item item{.section = section, .kind = kind, .hash = crypto::sha256(body.json)};
    const auto read = kind == Kind::kTcbInfo ? read_tcb_info(body.json) : read_identity(body.json);
    if (!read) {
        item.problem = read.error().text();
        return item;
    }
    item.subject = kind == Kind::kTcbInfo ? read->fmspc : read->id;
    item.evaluation = read->evaluation;
    item.issued = read->issued;
    item.next_update = read->next_update;
    item.signer = signer_of(body.issuer_chain);
    if (item.signer.empty()) item.problem = "its issuer chain cannot be read";
    return item;
}

Item item_of(std::string_view section, const Bytes& der) {
    Item item{.section = section, .kind = Kind::kCrl, .hash = crypto::sha256(der)};
    const auto crl = x509::Crl::parse_der(der);
    if (!crl) {
        item.problem = "not a revocation list";
        return item;
    }
    item.subject = item.signer = crl->issuer_common_name();
    item.issued = crl->this_update();
    item.next_update = crl->next_update();
    item.revoked = crl->revoked().size();
    return item;
}

}  // namespace

Result<Body> read_tcb_info(ByteView json) {
    OPENPCC_TRY(Body out, read_body(json, "tcbInfo"));
    if (out.fmspc.empty()) return not_an_answer("fmspc");
    return out;
}

Result<Body> read_identity(ByteView json) {
    OPENPCC_TRY(Body out, read_body(json, "enclaveIdentity"));
    if (out.id.empty()) return not_an_answer("id");
    return out;
}

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::kTcbInfo:
            return "tcb_info";
        case Kind::kQeIdentity:
            return "qe_identity";
        case Kind::kCrl:
            return "crl";
    }
    return "crl";
}

std::vector<Item> items_of(const Collection& collection) {
    std::vector<Item> items;
    for (const Bytes& crl : collection.snp.crls) items.push_back(item_of("snp", crl));
    for (const Bytes& crl : collection.tdx.crls) items.push_back(item_of("tdx", crl));
    for (const auto& body : collection.tdx.qe_identities) items.push_back(item_of("tdx", Kind::kQeIdentity, body));
    for (const auto& body : collection.tdx.tcb_infos) items.push_back(item_of("tdx", Kind::kTcbInfo, body));
    return items;
}

std::string_view section_of(std::string_view issuer_common_name) {
    if (issuer_common_name.find("SGX") != std::string_view::npos) return "tdx";
    if (issuer_common_name.starts_with("ARK-") || issuer_common_name.starts_with("SEV-")) return "snp";
    return {};
}

}  // namespace openpcc::collateral
