// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "crypto/signature.hpp"
#include "vectors/wycheproof.hpp"

namespace openpcc::vectors {

namespace {

using crypto::Scheme;

void replay_signatures(const Group& group, Tally& tally, Scheme scheme) {
    const auto key = crypto::VerifyingKey::parse_spki(hex(*group.object, "publicKeyDer"));
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const bool good = key && key->verify(scheme, hex(test, "msg"), hex(test, "sig"));
        const bool wanted = must_accept(test, false);
        tally.check(good == wanted, group.where(test), wanted ? "refused" : "accepted");
    }
}

void replay_ecdsa(const Group& group, Tally& tally, Scheme p256, Scheme p384) {
    const std::string_view curve = text(group.object->at("publicKey").as_object(), "curve");
    const std::string_view sha = text(*group.object, "sha");
    if (curve == "secp256r1" && sha == "SHA-256") return replay_signatures(group, tally, p256);
    if (curve == "secp384r1" && sha == "SHA-384") return replay_signatures(group, tally, p384);
    skip_group(group, tally, fmt::format("ECDSA {} with {} is not used here", curve, sha));
}

}  // namespace

void replay_ecdsa_der(const Group& group, Tally& tally) {
    replay_ecdsa(group, tally, Scheme::kEcdsaP256Sha256Der, Scheme::kEcdsaP384Sha384Der);
}

void replay_ecdsa_p1363(const Group& group, Tally& tally) {
    replay_ecdsa(group, tally, Scheme::kEcdsaP256Sha256, Scheme::kEcdsaP384Sha384);
}

void replay_ed25519(const Group& group, Tally& tally) {
    const std::string_view curve = text(group.object->at("publicKey").as_object(), "curve");
    if (curve != "edwards25519") return skip_group(group, tally, fmt::format("EdDSA {} is not used here", curve));
    replay_signatures(group, tally, Scheme::kEd25519);
}

void replay_rsa_pss(const Group& group, Tally& tally) {
    const std::string_view sha = text(*group.object, "sha");
    const std::uint64_t salt = number(*group.object, "sLen");
    const bool same_hash = sha == text(*group.object, "mgfSha");
    if (same_hash && sha == "SHA-256" && salt == 32) return replay_signatures(group, tally, Scheme::kRsaPssSha256);
    if (same_hash && sha == "SHA-384" && salt == 48) return replay_signatures(group, tally, Scheme::kRsaPssSha384);
    skip_group(group, tally,
               "RSASSA-PSS other than SHA-256 or SHA-384, MGF1 with the same and a salt of that length is not offered");
}

void replay_rsa_pkcs1(const Group& group, Tally& tally) {
    const std::string_view sha = text(*group.object, "sha");
    if (sha != "SHA-256") return skip_group(group, tally, fmt::format("RSA PKCS#1 with {} is not offered", sha));
    replay_signatures(group, tally, Scheme::kRsaPkcs1Sha256);
}

}  // namespace openpcc::vectors
