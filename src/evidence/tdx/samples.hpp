// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "core/assert.hpp"
#include "core/text.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/verify.hpp"
#include "wire/json.hpp"

// For tests and benchmarks only: real quotes and collateral, kept beside the tree and not in it, in the wrappers in
// which their collectors keep them. The library knows none of these.
namespace openpcc::tdx {

inline const std::filesystem::path kEvidence =
    std::filesystem::path(OPENPCC_SOURCE_DIR).parent_path() / "shared" / "evidence";

inline std::optional<Bytes> load(const std::string& name) {
    std::ifstream file(kEvidence / name, std::ios::binary);
    if (!file) return std::nullopt;
    return to_bytes(std::string((std::istreambuf_iterator<char>(file)), {}));
}

// The encodings of quotes: raw, hex text, a JSON list of bytes, or a JSON member with hex.
inline std::optional<Bytes> load_quote(const std::string& name) {
    auto bytes = load(name);
    if (!bytes) return bytes;
    const auto unhex = [](std::string_view text) {
        while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
        if (text.starts_with("0x")) text.remove_prefix(2);
        return from_hex(text).value();
    };
    if (name.ends_with(".hex")) return unhex(as_text(*bytes));
    if (!name.ends_with(".json")) return bytes;
    const auto json = json::parse(*bytes).value();
    if (const json::Value* quote = json.get("quote")) return unhex(*quote->as_string());
    Bytes out;
    for (const json::Value& byte : json.elements()) out.push_back(static_cast<std::uint8_t>(*byte.as_int()));
    return out;
}

inline Anchors genuine() {
    Anchors out;
    out.genuine = {intel_root()};
    return out;
}

inline std::string member(const json::Value& value, std::string_view name) {
    return std::string(value.get(name)->as_string().value());
}

// dcap-qvl keeps the signed values, their signatures and their chains apart, and lists in hex.
inline void add_qvl(Collateral& out, const std::string& file) {
    const auto json = json::parse(load(file).value()).value();
    const auto answer = [&](std::string_view name, const std::string& key) {
        const std::string text = "{\"" + std::string(name) + "\":" + member(json, key) + ",\"signature\":\"" +
                                 member(json, key + "_signature") + "\"}";
        return SignedJson{to_bytes(text), to_bytes(member(json, key + "_issuer_chain"))};
    };
    out.tcb_infos.push_back(answer("tcbInfo", "tcb_info"));
    out.qe_identities.push_back(answer("enclaveIdentity", "qe_identity"));
    for (const char* key : {"root_ca_crl", "pck_crl"}) out.crls.push_back(from_hex(member(json, key)).value());
}

// teepot wraps one answer with its chain.
inline SignedJson teepot(const std::string& file, std::string_view key) {
    const auto json = json::parse(load(file).value()).value();
    return {to_bytes(member(json, key)), to_bytes(member(json, "issuer_chain"))};
}

inline Bytes teepot_crl(const std::string& file) {
    std::string digits;
    const std::string pem = member(json::parse(load(file).value()).value(), "crl_data");
    constexpr std::string_view kBegin = "-----BEGIN X509 CRL-----";
    for (const char c : pem.substr(kBegin.size(), pem.find("-----END") - kBegin.size()))
        if (c != '\n') digits.push_back(c);
    return from_base64(digits).value();
}

// The answers of the others are bare, their chain is a file of its own.
inline Bytes signing_chain_of_2025() {
    std::string out;
    for (const char* name : {"tdx/automata/2025-07/signing.der", "tdx/automata/2025-07/root.der"})
        out += to_pem(x509::Certificate::parse_der(load(name).value()).value());
    return to_bytes(out);
}

inline SignedJson bare(const std::string& file) { return {load(file).value(), signing_chain_of_2025()}; }

inline SignedJson bare_of_2023(const std::string& file) {
    return {load(file).value(), load("tdx/go-tdx-guest/tcb_signing_chain.pem").value()};
}

// The sets of collateral, by the issue date of their TCB info.
inline Collateral collateral_set(std::string_view name) {
    Collateral out;
    const std::string automata = "tdx/automata/";
    const auto root_crl = [&] { out.crls.push_back(load(automata + "2025-07/intel_root_ca_crl.der").value()); };
    if (name == "2025-06-19") add_qvl(out, "tdx/dcap-qvl/tdx_quote_collateral.json");
    if (name == "2025-09-02") add_qvl(out, "tdx/nearai/collateral.json");
    if (name == "2026-02-18") add_qvl(out, "tdx/dcap-qvl/tdx_quote_outdated_collateral.json");
    if (name == "2026-08-13") add_qvl(out, "tdx/near-mpc/collateral.json");
    if (name == "2026-02-01") {
        add_qvl(out, "tdx/dcap-qvl/tdx_quote_outdated_collateral.json");
        out.tcb_infos = {bare("tdx/go-tdx-guest/sample_tcbinfo_response_v5")};
    }
    if (name == "2023-06-18") {
        out.tcb_infos = {bare_of_2023("tdx/go-tdx-guest/sample_tcbInfo_response")};
        out.qe_identities = {bare_of_2023("tdx/go-tdx-guest/sample_qeIdentity_response")};
        out.crls = {load("tdx/go-tdx-guest/rootcrl.der").value(), load("tdx/go-tdx-guest/pckcrl.der").value()};
    }
    if (name == "2025-05-27" || name == "2025-06-04" || name == "2025-06-05") {
        out.qe_identities = {teepot("tdx/teepot/tdx_qe_identity.json", "enclave_identity_json")};
        out.crls = {teepot_crl("tdx/teepot/pck_crl_platform.json"), teepot_crl("tdx/teepot/pck_crl_processor.json")};
        root_crl();
    }
    if (name == "2025-05-27") out.tcb_infos = {teepot("tdx/teepot/tdx_tcb_info_00806F050000.json", "tcb_info_json")};
    if (name == "2025-06-04") out.tcb_infos = {bare(automata + "0625/tcbinfov3_00806f050000.json")};
    if (name == "2025-06-05") out.tcb_infos = {bare(automata + "0625/tcbinfov3_90C06F000000.json")};
    if (name == "2025-07-07") {
        out.tcb_infos = {bare(automata + "2025-07/tcb_info_v3_with_tdx_module.json")};
        out.qe_identities = {bare(automata + "2025-07/qe_identity.json")};
        out.crls = {load(automata + "2025-07/pck_platform_crl.der").value()};
        root_crl();
    }
    if (name == "2025-10-19") {
        out.tcb_infos = {bare(automata + "1025/tcb_info.json")};
        out.qe_identities = {bare(automata + "1025/identity.json")};
        out.crls = {load(automata + "1025/pck_crl.der").value()};
        root_crl();
    }
    OPENPCC_ASSERT(!out.tcb_infos.empty());
    return out;
}

// What a careful policy says, without a floor or an age that would hide what a sample is about.
inline Rules good_rules() {
    Rules out;
    out.least_tcb_evaluation = 15;
    out.least_qe_evaluation = 15;
    out.modules = {{0, 3}, {1, 2}, {3, 3}};
    out.collateral_age = {Seconds(std::chrono::days(31)), Seconds(std::chrono::days(31))};
    out.attributes.fill(evidence::Must::kZero);
    out.xfam.fill(evidence::Must::kAny);
    for (std::size_t i = 0; i < kAttributeBits.size(); ++i)
        if (kAttributeBits[i].name == "sept_ve_disable") out.attributes[i] = evidence::Must::kOne;
    return out;
}

inline std::vector<std::string> ids_with(const Verdict& verdict, Outcome outcome) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks())
        if (check.outcome == outcome) out.push_back(check.id);
    return out;
}

inline std::string found_of(const Verdict& verdict, std::string_view id) {
    for (const Check& check : verdict.checks())
        if (check.id == id) return check.found;
    return "no such check";
}

}  // namespace openpcc::tdx
