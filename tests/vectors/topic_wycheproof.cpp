// SPDX-License-Identifier: Apache-2.0
// Wycheproof, replayed by the kind of its test groups, not by file names. `valid` must be accepted with the given output,
// `invalid` refused. What the standards leave open (`acceptable`) is decided here, once:
//   X25519: points on the twist and non-canonical ones are accepted, the all-zero secret is refused (RFC 9180 7.1.4);
//   ECDH P-256: compressed points are refused; RSA PKCS#1: a DigestInfo without its NULL is refused.
#include <fmt/format.h>

#include "vectors/wycheproof.hpp"

namespace openpcc::vectors {

namespace {

using Replay = void (*)(const Group& group, Tally& tally);

struct Kind {
    std::string_view type;
    Replay replay;
};
constexpr Kind kKinds[] = {
    {"AeadTest", replay_aead},
    {"XdhComp", replay_x25519},
    {"EcdhEcpointTest", replay_ecdh},
    {"HkdfTest", replay_hkdf},
    {"MacTest", replay_hmac},
    {"EcdsaVerify", replay_ecdsa_der},
    {"EcdsaP1363Verify", replay_ecdsa_p1363},
    {"EddsaVerify", replay_ed25519},
    {"RsassaPssVerify", replay_rsa_pss},
    {"RsassaPssWithParametersVerify", replay_rsa_pss},
    {"RsassaPkcs1Verify", replay_rsa_pkcs1},
    {"MLKEMTest", replay_ml_kem},
    {"MLKEMEncapsTest", replay_ml_kem_encapsulate},
    {"MLKEMKeyGen", replay_ml_kem_keys},
};

void replay_group(const Group& group, Tally& tally) {
    const std::string_view type = text(*group.object, "type");
    for (const Kind& kind : kKinds)
        if (kind.type == type) return kind.replay(group, tally);
    skip_group(group, tally, fmt::format("{} ({}) is not used here", type, group.algorithm));
}

}  // namespace

std::string Group::where(const json::object& test) const {
    return fmt::format("{} tcId {}", file, number(test, "tcId"));
}

void skip_group(const Group& group, Tally& tally, std::string_view reason) {
    tally.skip(reason, static_cast<int>(group.tests().size()));
}

bool has_flag(const json::object& test, std::string_view flag) {
    for (const auto& value : test.at("flags").as_array())
        if (value.as_string() == flag) return true;
    return false;
}

bool must_accept(const json::object& test, bool accept_acceptable) {
    const std::string_view result = text(test, "result");
    if (result != "valid" && result != "invalid" && result != "acceptable") throw std::runtime_error("unknown result");
    return result == "valid" || (result == "acceptable" && accept_acceptable);
}

void run_wycheproof(const std::filesystem::path& folder, Tally& tally) {
    for (const auto& path : files(folder, ".json")) {
        const json::value content = load(path);
        const std::string file = path.filename().string();
        const std::string_view algorithm = text(content.as_object(), "algorithm");
        for (const auto& group : content.as_object().at("testGroups").as_array())
            replay_group(Group{file, algorithm, &group.as_object()}, tally);
    }
}

}  // namespace openpcc::vectors
