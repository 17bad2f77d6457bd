// SPDX-License-Identifier: Apache-2.0
// RFC 9180 and its successor draft: mode 0 of our KEMs, both sides, every encryption at its sequence number, all
// exports.
#include <fmt/format.h>

#include "crypto/errors.hpp"
#include "vectors/hpke_case.hpp"

namespace openpcc::vectors {

namespace {

// unsupported says why a case is not ours, or nothing.
std::string unsupported(const json::object& test) {
    if (number(test, "mode") != 0) return "base mode only";
    const auto kem = static_cast<hpke::Kem>(number(test, "kem_id"));
    if (kem == hpke::Kem::kXWing && !hpke::have_ml_kem()) return "needs ML-KEM (OpenSSL 3.5)";
    if (!hpke::is_supported(kem)) return fmt::format("KEM {:#06x} not part of this product", number(test, "kem_id"));
    if (!hpke::is_supported(static_cast<hpke::Kdf>(number(test, "kdf_id"))))
        return fmt::format("KDF {:#06x} not part of this product", number(test, "kdf_id"));
    if (number(test, "aead_id") == 0xffff) return "export-only AEAD not part of this product";
    if (!crypto::is_supported(static_cast<hpke::Aead>(number(test, "aead_id"))))
        return fmt::format("AEAD {:#06x} not part of this product", number(test, "aead_id"));
    return {};
}

bool same(const SecretBytes& secret, ByteView expected) {
    return secret.with([&](ByteView view) { return equal(view, expected); });
}

// The draft's case for rejection sampling carries a remark of its author behind the digits of ikmR
// ("...rejected_candidate (counter=0):..."); the digits before it are the value.
Bytes annotated_hex(const json::object& object, std::string_view key) {
    const std::string_view whole = text(object, key);
    return unhex(whole.substr(0, whole.find("rejected_candidate")));
}

// Keys given both as bytes and as input of DeriveKeyPair must agree.
const char* check_keys(const json::object& test, hpke::Kem kem, const hpke::PrivateKey& own) {
    if (!equal(own.public_key().bytes(), hex(test, "pkRm"))) return "skRm does not give pkRm";
    if (test.contains("ikmR")) {
        const auto derived = hpke::PrivateKey::derive(kem, annotated_hex(test, "ikmR"));
        if (!derived || !equal(derived->public_key().bytes(), hex(test, "pkRm"))) return "ikmR does not give pkRm";
    }
    return nullptr;
}

// The sender is made deterministic by skEm when it is given, else by ikmE (for X-Wing the encapsulation randomness).
Result<hpke::Sender> make_sender(const json::object& test, const hpke::Suite& suite) {
    OPENPCC_TRY(const auto to, hpke::PublicKey::parse(suite.kem, hex(test, "pkRm")));
    const Bytes info = hex(test, "info");
    if (suite.kem == hpke::Kem::kXWing) return hpke::setup_sender_with(suite, to, info, hex(test, "ikmE"));
    if (test.contains("skEm")) return hpke::setup_sender_with(suite, to, info, hex(test, "skEm"));
    OPENPCC_TRY(auto ephemeral, hpke::PrivateKey::derive(suite.kem, hex(test, "ikmE")));
    return hpke::setup_sender_with(suite, to, info, std::move(ephemeral));
}

// Every encryption has a sequence number, given or by position; those between are sealed and opened with other content.
const char* check_encryptions(const json::object& test, hpke::SenderContext sender, hpke::ReceiverContext receiver) {
    std::uint64_t sequence = 0;
    std::uint64_t position = 0;
    for (const auto& entry : test.at("encryptions").as_array()) {
        const json::object& encryption = entry.as_object();
        const std::uint64_t wanted = encryption.contains("seq") ? number(encryption, "seq") : position;
        ++position;
        if (wanted < sequence || wanted > 1'000'000) return "sequence numbers not replayable";
        for (; sequence < wanted; ++sequence) {
            const auto filler = sender.seal({}, {});
            if (!filler || !receiver.open({}, *filler)) return "a message between does not open";
        }
        const Bytes aad = hex(encryption, "aad");
        const Bytes ct = hex(encryption, "ct");
        const auto sealed = sender.seal(aad, hex(encryption, "pt"));
        if (!sealed || *sealed != ct) return "sealed otherwise";
        Bytes broken = ct;
        broken[broken.size() - 1] ^= 1;
        if (receiver.open(aad, broken)) return "a wrong tag was accepted";
        const auto opened = receiver.open(aad, ct);
        if (!opened || !same(*opened, hex(encryption, "pt"))) return "opened otherwise";
        ++sequence;
    }
    return nullptr;
}

const char* check_exports(const json::object& test, const hpke::SenderContext& sender,
                          const hpke::ReceiverContext& receiver) {
    for (const auto& entry : test.at("exports").as_array()) {
        const json::object& wanted = entry.as_object();
        const Bytes context = hex(wanted, "exporter_context");
        const auto length = static_cast<std::size_t>(number(wanted, "L"));
        const Bytes value = hex(wanted, "exported_value");
        if (!same(sender.export_secret(context, length), value)) return "the sender exports otherwise";
        if (!same(receiver.export_secret(context, length), value)) return "the receiver exports otherwise";
    }
    return nullptr;
}

const char* replay(const json::object& test, const hpke::Suite& suite) {
    const auto own = hpke::PrivateKey::parse(suite.kem, hex(test, "skRm"));
    if (!own) return "skRm refused";
    if (const char* problem = check_keys(test, suite.kem, *own)) return problem;
    auto sender = make_sender(test, suite);
    if (!sender) return "no sender";
    if (sender->enc != hex(test, "enc")) return "another enc";
    auto receiver = hpke::setup_receiver(suite, *own, sender->enc, hex(test, "info"));
    if (!receiver) return "no receiver";
    if (const char* problem = check_exports(test, sender->context, *receiver)) return problem;
    // Contexts are moved here: a moved context must go on where it was.
    return check_encryptions(test, std::move(sender->context), std::move(*receiver));
}

}  // namespace

void replay_hpke_case(const json::object& test, std::string_view where, Tally& tally) {
    if (const std::string reason = unsupported(test); !reason.empty()) return tally.skip(reason);
    const hpke::Suite suite{static_cast<hpke::Kem>(number(test, "kem_id")),
                            static_cast<hpke::Kdf>(number(test, "kdf_id")),
                            static_cast<hpke::Aead>(number(test, "aead_id"))};
    const char* problem = replay(test, suite);
    tally.check(problem == nullptr, where, problem == nullptr ? "" : problem);
}

void run_hpke(const std::filesystem::path& folder, Tally& tally) {
    for (const auto& file : files(folder, ".json")) {
        std::size_t index = 0;
        const json::value tests = load(file);
        for (const auto& test : tests.as_array())
            replay_hpke_case(test.as_object(), fmt::format("{} #{}", file.filename().string(), index++), tally);
    }
}

}  // namespace openpcc::vectors
