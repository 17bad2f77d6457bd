// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "evidence/snp/verify.hpp"

// Real reports, kept beside the tree and not in it; for tests and benchmarks.
namespace openpcc::snp::samples {

inline std::filesystem::path folder() {
    return std::filesystem::path(OPENPCC_SOURCE_DIR).parent_path() / "shared" / "evidence";
}

inline bool present() { return std::filesystem::exists(folder() / "manifest.json"); }

inline Bytes load(const std::string& name) {
    std::ifstream file(folder() / name, std::ios::binary);
    Bytes out = to_bytes(std::string((std::istreambuf_iterator<char>(file)), {}));
    if (!name.ends_with(".hex")) return out;
    while (out.size() % 2 != 0) out.resize(out.size() - 1);  // a line feed at the end
    return from_hex(as_text(out)).value();
}

// A certificate in DER, or the one at `index` of a PEM file.
inline Bytes certificate(const std::string& name, std::size_t index = 0) {
    const Bytes bytes = load(name);
    if (bytes.size() > 0 && bytes[0] == 0x30) return bytes;
    return x509::Certificate::parse_pem_chain(bytes, 4).value().at(index).der();
}

inline std::string issuer_file(Product product, KeyKind kind) {
    const std::string name = product == Product::kMilan ? "milan" : product == Product::kGenoa ? "genoa" : "turin";
    const std::string vcek = product == Product::kTurin ? "_vcek" : "";
    return "roots/amd/ask_ark_" + name + (kind == KeyKind::kVlek ? "_vlek" : vcek) + ".pem";
}

inline Anchors genuine() {
    Anchors out;
    out.genuine = amd_roots();
    return out;
}

inline Collateral crls() {
    return {{load("openpcc-go/decoded/amd_milan_crl.crl"), load("openpcc-go/decoded/amd_genoa_crl.crl")}};
}

// Rules that every sample's configuration meets, but for what a row of the table says: all three products at the least
// TCB of any sample, unknown bits a note, lists of any age.
inline Rules lenient() {
    Rules out;
    for (Product product : {Product::kMilan, Product::kGenoa, Product::kTurin}) {
        ProductRule rule;
        rule.product = product;
        rule.policy.fill(evidence::Must::kAny);
        rule.policy[2] = evidence::Must::kZero;  // debug
        rule.platform.fill(evidence::Must::kAny);
        rule.platform_unknown = evidence::Must::kAny;
        out.products.push_back(rule);
    }
    out.vlek_providers = {"CN=cc-us-east-2.amazonaws.com"};
    out.collateral_age = {std::chrono::days(3650), std::chrono::days(3650)};
    return out;
}

inline std::vector<std::string> with_outcome(const Verdict& verdict, Outcome outcome) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks())
        if (check.outcome == outcome) out.push_back(check.id);
    return out;
}

}  // namespace openpcc::snp::samples
