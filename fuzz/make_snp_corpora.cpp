// SPDX-License-Identifier: Apache-2.0
// Writes the named corpora of snp_report and snp_certificates into the folder of fuzz/ that is given. The keys are new
// each time; the cases are not.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "crypto/random.hpp"
#include "evidence/simulated/snp_platform.hpp"

namespace openpcc {
namespace {

using simulated::SnpAuthority;
using simulated::SnpLeafSpec;
using simulated::SnpPlatform;
using snp::KeyKind;
using snp::Product;

class Corpora {
  public:
    explicit Corpora(std::filesystem::path fuzz) : fuzz_(std::move(fuzz) / "corpus") {}

    void reports() {
        const SnpPlatform genoa = platform(Product::kGenoa, KeyKind::kVcek);
        for (std::uint32_t version = 1; version <= 6; ++version)
            report("version-" + std::to_string(version), genoa,
                   [&](snp::Report& r) { r = SnpPlatform::as_version(r, version); });
        report("turin", platform(Product::kTurin, KeyKind::kVcek), [](snp::Report&) {});
        report("vlek-masked-chip", platform(Product::kMilan, KeyKind::kVlek), [](snp::Report&) {});
        report("debug", genoa, [](snp::Report& r) { r.policy |= 1U << 19; });
        report("reserved-bytes", genoa, [](snp::Report& r) { r.reserved_208.bytes.fill(0xff); });
        report("algorithm-2", genoa, [](snp::Report& r) { r.signature_algo = 2; });
        Bytes bytes = genoa.sign(genoa.report({})).value();
        write("snp_report", "cut", bytes.view().first(1183));
        bytes[0x2a0 + 48] = 1;
        write("snp_report", "r-of-385-bits", bytes);
        bytes[0x2a0 + 48] = 0;
        bytes[1183] = 1;
        write("snp_report", "byte-behind-signature", bytes);
        bytes.push_back(0);
        write("snp_report", "one-too-long", bytes);
    }

    void certificates() {
        for (Product product : {Product::kMilan, Product::kGenoa, Product::kTurin})
            for (KeyKind kind : {KeyKind::kVcek, KeyKind::kVlek})
                leaf(std::string(to_string(kind)) + "-" + std::string(to_string(product)), product, kind,
                     [](SnpLeafSpec&) {});
        leaf("named-vcek-alone", Product::kGenoa, KeyKind::kVcek, [](SnpLeafSpec& s) { s.name = "VCEK"; });
        leaf("no-extensions", Product::kGenoa, KeyKind::kVcek, [](SnpLeafSpec& s) { s.extensions.clear(); });
        leaf("number-of-256", Product::kGenoa, KeyKind::kVcek,
             [](SnpLeafSpec& s) { s.extensions.back() = simulated::snp_number("3.9", 256); });
        leaf("hardware-id-of-63-bytes", Product::kGenoa, KeyKind::kVcek,
             [](SnpLeafSpec& s) { s.extensions.back() = simulated::snp_raw("4", Bytes(63)); });
        leaf("provider-with-line-feed", Product::kGenoa, KeyKind::kVlek,
             [](SnpLeafSpec& s) { s.extensions.back() = simulated::snp_text("5", "CN=a\nb"); });
        const SnpAuthority amd = authority(Product::kGenoa);
        write("snp_certificates", "ark", amd.ark().der());
        write("snp_certificates", "ask", amd.issuer(KeyKind::kVcek).der());
        write("snp_certificates", "asvk", amd.issuer(KeyKind::kVlek).der());
        write("snp_certificates", "list", amd.crl(now_, now_ + std::chrono::days(1), {Bytes{5, 0, 1}}).value());
    }

  private:
    void write(const std::string& target, const std::string& name, ByteView bytes) {
        std::filesystem::create_directories(fuzz_ / target);
        std::ofstream out(fuzz_ / target / name, std::ios::binary);
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    SnpAuthority authority(Product product) {
        return SnpAuthority::create(simulated::SnpAuthoritySpec::good(product, now_), keys_).value();
    }
    SnpPlatform platform(Product product, KeyKind kind) {
        return SnpPlatform::create(authority(product), kind, random_, now_).value();
    }
    template <class Change>
    void report(const std::string& name, const SnpPlatform& platform, Change change) {
        snp::Report report = platform.report({});
        change(report);
        write("snp_report", name, platform.sign(report).value());
    }
    template <class Change>
    void leaf(const std::string& name, Product product, KeyKind kind, Change change) {
        SnpLeafSpec spec = SnpLeafSpec::good(product, kind, random_, now_);
        change(spec);
        write("snp_certificates", name, SnpPlatform::create(authority(product), spec, random_)->certificates()[0]);
    }

    std::filesystem::path fuzz_;
    TimePoint now_ = parse_rfc3339("2026-11-25T07:00:00Z").value();
    crypto::SystemRandom random_;
    std::shared_ptr<const simulated::SnpCaKeys> keys_ = simulated::SnpCaKeys::generate(2048);
};

}  // namespace
}  // namespace openpcc

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: make_snp_corpora FUZZ_FOLDER\n");
        return 1;
    }
    openpcc::Corpora corpora(argv[1]);
    corpora.reports();
    corpora.certificates();
    return 0;
}
