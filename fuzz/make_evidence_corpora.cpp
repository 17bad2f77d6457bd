// SPDX-License-Identifier: Apache-2.0
// Writes the corpora of tdx_quote, statement, bundle and policy, and corpus_root.hpp, into a folder (the fuzz folder of
// the tree, to renew what is checked in). All evidence is simulated, under a root whose key is forgotten at the end.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/text.hpp"
#include "trust/verify/scene.hpp"

namespace openpcc::verify {
namespace {

class Folder {
  public:
    explicit Folder(std::filesystem::path root) : root_(std::move(root)) {}
    void write(const std::string& name, ByteView bytes) const {
        const auto path = root_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << as_text(bytes);
    }

  private:
    std::filesystem::path root_;
};

// bundle_corpus gives the hash of the one bundle that a development policy accepts.
std::string bundle_corpus(const Folder& out, const Scene& good) {
    std::string good_hash;
    const auto changed = [&](const std::string& name, auto change_draft, auto change_bundle) {
        Scene scene;
        scene.root = simulated::RootAuthority::from_pem(as_bytes(good.root.certificate_pem()),
                                                        good.root.key_pem().with([](ByteView v) { return Bytes(v); }))
                         .value();
        scene.change_draft = change_draft;
        scene.change_bundle = change_bundle;
        scene.platform = simulated::Platform::from_root(scene.root, scene.random, scene.now).value();
        const Bytes bytes = scene.bundle().encode();
        if (name == "good") good_hash = to_hex(crypto::sha256(bytes));
        out.write("corpus/bundle/" + name, bytes);
    };
    using Draft = Scene::Draft;
    using statement::Bundle;
    const auto same = [](Draft&) {};
    const auto kept = [](Bundle&) {};
    changed("good", same, kept);
    changed("version-5", [](Draft& d) { d.header.version = 5, d.body_type = tdx::BodyType::kTd15; }, kept);
    changed("debug", [](Draft& d) { d.report.td_attributes |= 1; }, kept);
    changed("unknown-image", [](Draft& d) { d.report.rtmr[2].bytes[0] ^= 1; }, kept);
    changed("tee-type-sgx", [](Draft& d) { d.header.tee_type = 0; }, kept);
    changed("root-dropped", [](Draft& d) { d.pck_chain.resize(d.pck_chain.rfind("-----BEGIN")); }, kept);
    changed("wrong-key", same, [](Bundle& b) { b.statement.core.keys[0] = test_key(2); });
    changed("called-sev-snp", same, [](Bundle& b) { b.tee = statement::TeeType::kSnp; });
    changed("padded-quote", same, [](Bundle& b) { b.cpu_evidence.push_back(0); });
    changed("one-device", same,
            [](Bundle& b) { b.devices = {{1, to_bytes("gpu-0"), to_bytes("report"), to_bytes("leaf")}}; });
    changed("extra-certificate", same, [](Bundle& b) { b.certificates = {to_bytes("der")}; });
    return good_hash;
}

void quote_corpus(const Folder& out, const Scene& scene) {
    const auto write = [&](const std::string& name, auto change) {
        auto draft = scene.platform.draft(simulated::Platform::report(ByteArray<64>{{1}}));
        change(draft);
        out.write("corpus/tdx_quote/" + name, scene.platform.sign(draft).value());
    };
    using Draft = Scene::Draft;
    write("version-4", [](Draft&) {});
    write("version-5-td-1.0", [](Draft& d) { d.header.version = 5; });
    write("version-5-td-1.5", [](Draft& d) { d.header.version = 5, d.body_type = tdx::BodyType::kTd15; });
    write("version-3", [](Draft& d) { d.header.version = 3; });
    write("key-type-p384", [](Draft& d) { d.header.key_type = 3; });
    write("no-auth-data", [](Draft& d) { d.qe_auth_data.clear(); });
    write("outer-type-5", [](Draft& d) { d.outer_type = 5; });
    write("inner-type-1", [](Draft& d) { d.inner_type = 1; });
    write("padded", [](Draft& d) { d.trailing = Bytes(70); });
    write("trailing-text", [](Draft& d) { d.trailing = to_bytes("text"); });
    write("chain-with-nul", [](Draft& d) { d.pck_chain += '\0'; });
    write("chain-empty", [](Draft& d) { d.pck_chain.clear(); });
    const auto draft = scene.platform.draft({});
    out.write("corpus/tdx_quote/pck-chain", as_bytes(draft.pck_chain));
    const auto leaf = tdx::parse_pck_chain(as_bytes(draft.pck_chain)).value()[0];
    out.write("corpus/tdx_quote/pck-extension", *leaf.extension(tdx::kPckExtensionOid));
    Bytes quote = scene.platform.sign(draft).value();
    out.write("corpus/tdx_quote/truncated-body", quote.view().first(300));
    for (std::size_t i = 632; i < 636; ++i) quote[i] = 0xff;
    out.write("corpus/tdx_quote/length-of-4-gib", quote);
}

void statement_corpus(const Folder& out, const Scene& scene) {
    const auto write = [&](const std::string& name, auto change) {
        statement::Statement value{scene.core, statement::devices_digest({})};
        change(value.core);
        out.write("corpus/statement/" + name, value.encode());
    };
    using statement::Core;
    using Kind = statement::Freshness::Kind;
    write("challenge", [](Core&) {});
    write("no-freshness", [](Core& c) { c.freshness = {}; });
    write("beacon", [](Core& c) { c.freshness = {Kind::kBeacon, {}, to_bytes("a checkpoint")}; });
    write("gateway", [](Core& c) { c.role = statement::Role::kGateway; });
    write("two-keys", [](Core& c) { c.keys.push_back(test_key(2)); });
    write("same-key-twice", [](Core& c) { c.keys.push_back(c.keys[0]); });
    write("ends-before-it-begins", [](Core& c) { c.not_after = c.not_before - Seconds(1); });
    write("unknown-isolation", [](Core& c) { c.isolation = static_cast<statement::Isolation>(9); });
    write("receipt-key", [](Core& c) { c.receipt_key = to_bytes("spki"); });
    out.write("corpus/statement/core-only", scene.core.encode());
    out.write("corpus/statement/bundle", scene.bundle().encode());
}

void policy_corpus(const Folder& out, const Scene& scene) {
    const std::string good = scene.policy.to_json();
    const auto write = [&](const std::string& name, std::string_view from, std::string_view to) {
        std::string text = good;
        out.write("corpus/policy/" + name, as_bytes(text.replace(text.find(from), from.size(), to)));
    };
    out.write("corpus/policy/development", as_bytes(good));
    out.write("corpus/policy/measurement", as_bytes(scene.policy.tdx_measurements[0].to_json()));
    out.write("corpus/policy/snp-measurement", as_bytes(policy::SnpMeasurement{}.to_json()));
    for (const policy::Preset preset : policy::kPresets)
        out.write("corpus/policy/" + std::string(to_string(preset)) + "-and-empty",
                  as_bytes(policy::Policy::of(preset, scene.now).to_json()));
    write("unknown-member", "{", "{\"trust_all\":true,");
    write("member-twice", "{", "{\"candidates\":1,");
    write("missing-member", "\"candidates\":2,", "");
    write("short-digest", "\"mrtd\":\"d0", "\"mrtd\":\"");
    write("number-as-text", "\"candidates\":2", "\"candidates\":\"2\"");
    write("not-utf-8", "demo", "\xff\xfe");
    write("version-1", "\"version\":2", "\"version\":1");
    write("tdx-refused", "\"tdx\":{", "\"tdx\":null,\"x\":{");
    write("no-root", "\"required\":1", "\"required\":0");
    write("listed-hardware", "{\"rule\":\"any\"}", "{\"rule\":\"listed\",\"ids\":[\"" + std::string(64, 'c') + "\"]}");
    write("exception", "\"exceptions\":[]",
          "\"exceptions\":[{\"check\":\"tdx.tcb\",\"scope\":{\"release\":\"demo-1.0.0\"},\"reason\":\"late\","
          "\"advisory\":\"INTEL-SA-01313\",\"until\":\"2026-12-25T07:00:00Z\"}]");
    write(
        "exception-for-a-signature", "\"exceptions\":[]",
        "\"exceptions\":[{\"check\":\"tdx.quote_signature\",\"scope\":{\"release\":\"demo-1.0.0\"},\"reason\":\"late\","
        "\"advisory\":\"INTEL-SA-01313\",\"until\":\"2026-12-25T07:00:00Z\"}]");
}

void root_header(const Folder& out, const Scene& scene, const std::string& good_hash) {
    std::string text =
        "// SPDX-License-Identifier: Apache-2.0\n// Written by make_evidence_corpora.cpp together with the "
        "corpora.\n#pragma once\n\n";
    text += "#include \"trust/statement/statement.hpp\"\n\nnamespace openpcc::corpus {\n\n";
    text += "inline constexpr char kTime[] = \"" + to_rfc3339(scene.now) + "\";\n";
    text += "inline constexpr char kStatement[] = \"" + to_hex(scene.core.name()) + "\";\n";
    text += "inline constexpr char kGoodBundle[] = \"" + good_hash + "\";\n";
    text += "inline constexpr statement::Challenge kChallenge{{0xc4, 0xa1}};\n";
    text += "inline constexpr char kPolicy[] = R\"(" + scene.policy.to_json() + ")\";\n";
    text += "inline constexpr char kRoot[] = R\"(" + scene.root.certificate_pem() +
            ")\";\n";
    text += "inline constexpr char kCollateral[] = R\"(" + scene.collection().to_json().value() +
            ")\";\n\n}  // namespace openpcc::corpus\n";
    out.write("corpus_root.hpp", as_bytes(text));
}

}  // namespace
}  // namespace openpcc::verify

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: make_evidence_corpora FOLDER\n";
        return 1;
    }
    const openpcc::verify::Folder out(argv[1]);
    const openpcc::verify::Scene scene;
    const std::string good_hash = openpcc::verify::bundle_corpus(out, scene);
    openpcc::verify::quote_corpus(out, scene);
    openpcc::verify::statement_corpus(out, scene);
    openpcc::verify::policy_corpus(out, scene);
    openpcc::verify::root_header(out, scene, good_hash);
    return 0;
}
