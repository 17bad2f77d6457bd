// SPDX-License-Identifier: Apache-2.0
// Writes the corpora of tcb_info, qe_identity and tdx_collateral, and corpus_tdx.hpp, into a folder (the fuzz folder of
// the tree, to renew what is checked in). All is simulated, under a root whose key is forgotten at the end.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "evidence/simulated/tdx_world.hpp"
#include "wire/writer.hpp"

namespace openpcc::simulated {
namespace {

std::filesystem::path folder;

void write(const std::string& name, ByteView bytes) {
    const auto path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << as_text(bytes);
}

Bytes changed(const Bytes& bytes, std::string_view from, std::string_view to) {
    std::string text = to_string(bytes);
    return to_bytes(text.replace(text.find(from), from.size(), to));
}

void json_corpora(const tdx::Collateral& good) {
    const Bytes& info = good.tcb_infos[0].json;
    write("corpus/tcb_info/good", info);
    write("corpus/tcb_info/id-sgx", changed(info, "\"TDX\"", "\"SGX\""));
    write("corpus/tcb_info/version-2", changed(info, "\"version\":3", "\"version\":2"));
    write("corpus/tcb_info/svn-256", changed(info, "\"svn\":2", "\"svn\":256"));
    write("corpus/tcb_info/member-twice", changed(info, "\"tcbType\":0", "\"tcbType\":0,\"tcbType\":0"));
    write("corpus/tcb_info/unknown-member", changed(info, "\"tcbType\":0", "\"tcbType\":0,\"x\":0"));
    write("corpus/tcb_info/15-components", changed(info, "{\"svn\":2},", ""));
    write("corpus/tcb_info/unknown-status", changed(info, "\"OutOfDate\"", "\"Perfect\""));
    write("corpus/tcb_info/revoked", changed(info, "\"OutOfDate\"", "\"Revoked\""));
    write("corpus/tcb_info/no-signature", changed(info, ",\"signature\"", ",\"signatur\""));
    write("corpus/tcb_info/brace-in-text", changed(info, "\"INTEL-SA-00001\"", "\"}{\\\"\""));
    write("corpus/tcb_info/cut", info.view().first(info.size() / 2));
    const Bytes& identity = good.qe_identities[0].json;
    write("corpus/qe_identity/good", identity);
    write("corpus/qe_identity/id-qe", changed(identity, "\"TD_QE\"", "\"QE\""));
    write("corpus/qe_identity/version-1", changed(identity, "\"version\":2", "\"version\":1"));
    write("corpus/qe_identity/short-mask", changed(identity, "\"miscselectMask\":\"ff", "\"miscselectMask\":\""));
    write("corpus/qe_identity/isvsvn-65536", changed(identity, "\"isvsvn\":4", "\"isvsvn\":65536"));
    write("corpus/qe_identity/no-levels", changed(identity, "\"tcbLevels\":", "\"tcbLevel\":"));
    write("corpus/qe_identity/space-behind", concat(identity, to_bytes("\n")));
}

void part(wire::Writer& out, std::uint8_t kind, ByteView bytes) {
    out.raw(Bytes{kind}).number(static_cast<std::uint32_t>(bytes.size())).raw(bytes);
}

Bytes parts(ByteView quote, const tdx::Collateral& collateral) {
    wire::Writer out;
    part(out, 0, quote);
    for (const auto& info : collateral.tcb_infos) part(out, 1, info.json), part(out, 2, info.issuer_chain);
    for (const auto& each : collateral.qe_identities) part(out, 3, each.json), part(out, 4, each.issuer_chain);
    for (const Bytes& crl : collateral.crls) part(out, 5, crl);
    return std::move(out).take();
}

void collateral_corpus(TdxWorld& world) {
    const auto add = [&](const std::string& name, auto change) {
        const CollateralDraft kept = world.collateral;
        tdx::Collateral out = publish(world.root, world.collateral).value();
        change(out);
        write("corpus/tdx_collateral/" + name, parts(world.quote(world.machine()), out));
        world.collateral = kept;
    };
    add("none", [](auto& c) { c = {}; });
    add("no-lists", [](auto& c) { c.crls.clear(); });
    add("identity-twice", [](auto& c) { c.qe_identities.push_back(c.qe_identities[0]); });
    add("chains-swapped", [](auto& c) { c.tcb_infos[0].issuer_chain = c.crls[0]; });
    add("info-changed",
        [](auto& c) { c.tcb_infos[0].json = changed(c.tcb_infos[0].json, "\"pcesvn\":13", "\"pcesvn\":12"); });
    world.platform.platform.component_svn[0] -= 1;
    add("out-of-date", [](auto&) {});
    world.platform.platform.component_svn[0] += 1;
}

void header(const TdxWorld& world, const std::string& good) {
    std::string text =
        "// SPDX-License-Identifier: Apache-2.0\n// Written by make_tdx_corpora.cpp together with the corpora.\n"
        "#pragma once\n\nnamespace openpcc::corpus {\n\n";
    text += "inline constexpr char kTdxTime[] = \"" + to_rfc3339(world.now) + "\";\n";
    text += "inline constexpr char kGoodTdx[] = \"" + good + "\";\n";
    text += "inline constexpr char kTdxFmspc[] = \"" + to_hex(world.platform.platform.fmspc) + "\";\n";
    text += "inline constexpr char kTdxRoot[] = R\"(" + world.root.certificate_pem() +
            ")\";\n\n}  // namespace openpcc::corpus\n";
    write("corpus_tdx.hpp", as_bytes(text));
}

}  // namespace
}  // namespace openpcc::simulated

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: make_tdx_corpora FOLDER\n";
        return 1;
    }
    using namespace openpcc;
    simulated::folder = argv[1];
    simulated::TdxWorld world;
    const tdx::Collateral collateral = world.published();
    const Bytes good = simulated::parts(world.quote(world.machine()), collateral);
    simulated::write("corpus/tdx_collateral/good", good);
    simulated::json_corpora(collateral);
    simulated::collateral_corpus(world);
    simulated::header(world, to_hex(crypto::sha256(good)));
    return 0;
}
