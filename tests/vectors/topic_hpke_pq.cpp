// SPDX-License-Identifier: Apache-2.0
// draft-ietf-hpke-pq and X-Wing: the KEM alone through HPKE contexts is not visible, so its secret is compared
// directly.
#include <fmt/format.h>

#include <fstream>

#include "crypto/hpke/kem.hpp"
#include "crypto/hpke/ml_kem.hpp"
#include "vectors/hpke_case.hpp"

namespace openpcc::vectors {

namespace {

const char* replay_xwing(const json::object& test) {
    const auto own = hpke::PrivateKey::parse(hpke::Kem::kXWing, hex(test, "seed"));
    if (!own) return "seed refused";
    const Bytes public_key = hex(test, "pk");
    if (!equal(own->public_key().bytes(), public_key)) return "the seed gives another public key";
    const auto to = hpke::PublicKey::parse(hpke::Kem::kXWing, public_key);
    if (!to) return "public key refused";
    const auto encapsulated = hpke::encapsulate_xwing(*to, hex(test, "eseed"));
    const Bytes enc = hex(test, test.contains("ct") ? "ct" : "enc");
    if (!encapsulated || encapsulated->enc != enc) return "another ciphertext";
    const SecretBytes expected = SecretBytes::copy_from(hex(test, "ss"));
    if (!encapsulated->shared.ct_equal(expected)) return "the sender has another secret";
    const auto opened = hpke::decapsulate(*own, enc);
    if (!opened || !opened->ct_equal(expected)) return "the receiver has another secret";
    if (hpke::decapsulate(*own, enc.view().first(enc.size() - 1))) return "a short ciphertext was accepted";
    return nullptr;
}

// The CCTV files are lines `name = value`; the first value of a name counts.
std::map<std::string, std::string> named_lines(const std::filesystem::path& file) {
    std::map<std::string, std::string> lines;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
        if (const auto at = line.find(" = "); at != std::string::npos)
            lines.emplace(line.substr(0, at), line.substr(at + 3));
    return lines;
}

// The intermediate values are older than FIPS 203: d was then hashed without the parameter set's byte (FIPS 203
// algorithm 13 line 1), so the key pair of that seed is another one today. Encapsulation has not changed.
const char* replay_intermediate(const std::map<std::string, std::string>& lines, Tally& tally) {
    const auto to = hpke::ml_kem_public(unhex(lines.at("ek")));
    if (!to) return "public key refused";
    const auto encapsulated = hpke::ml_kem_encapsulate(to->get(), unhex(lines.at("m")));
    const SecretBytes expected = SecretBytes::copy_from(unhex(lines.at("K")));
    if (encapsulated.ciphertext != unhex(lines.at("c"))) return "another ciphertext";
    if (!encapsulated.shared.ct_equal(expected)) return "the sender has another secret";
    const auto own = hpke::ml_kem_private(unhex(lines.at("d") + lines.at("z")));
    if (!own) return "seed refused";
    if (hpke::ml_kem_public_bytes(own->get()) != unhex(lines.at("ek"))) {
        tally.skip("key pairs derived as before FIPS 203");
        return nullptr;
    }
    const auto opened = hpke::ml_kem_decapsulate(own->get(), encapsulated.ciphertext);
    return opened && opened->ct_equal(expected) ? nullptr : "the receiver has another secret";
}

void run_texts(const std::filesystem::path& folder, Tally& tally) {
    for (const auto& file : files(folder, ".txt")) {
        const auto lines = named_lines(file);
        if (!hpke::have_ml_kem()) {
            tally.skip("needs ML-KEM (OpenSSL 3.5)");
        } else if (!lines.contains("d")) {
            tally.skip("expanded decapsulation keys are never read here, only seeds");
        } else {
            const char* problem = replay_intermediate(lines, tally);
            tally.check(problem == nullptr, file.filename().string(), problem == nullptr ? "" : problem);
        }
    }
}

}  // namespace

void run_hpke_pq(const std::filesystem::path& folder, Tally& tally) {
    for (const auto& file : files(folder, ".json")) {
        std::size_t index = 0;
        const json::value tests = load(file);
        for (const auto& value : tests.as_array()) {
            const json::object& test = value.as_object();
            const std::string where = fmt::format("{} #{}", file.filename().string(), index++);
            if (!hpke::have_ml_kem()) {
                tally.skip("needs ML-KEM (OpenSSL 3.5)");
            } else if (test.contains("kem_id")) {
                replay_hpke_case(test, where, tally);
            } else {
                const char* problem = replay_xwing(test);
                tally.check(problem == nullptr, where, problem == nullptr ? "" : problem);
            }
        }
    }
    run_texts(folder, tally);
}

}  // namespace openpcc::vectors
