// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vectors/topics.hpp"

namespace openpcc::vectors {

// Group is one test group of a Wycheproof file. It borrows from the loaded file.
struct Group {
    std::string_view file;
    std::string_view algorithm;
    const json::object* object;

    const json::array& tests() const { return object->at("tests").as_array(); }
    std::string where(const json::object& test) const;
};

void skip_group(const Group& group, Tally& tally, std::string_view reason);
bool has_flag(const json::object& test, std::string_view flag);
// must_accept is what the test wants; `accept_acceptable` is our decision where the standard leaves it open.
bool must_accept(const json::object& test, bool accept_acceptable);

void replay_aead(const Group& group, Tally& tally);
void replay_x25519(const Group& group, Tally& tally);
void replay_ecdh(const Group& group, Tally& tally);
void replay_hkdf(const Group& group, Tally& tally);
void replay_hmac(const Group& group, Tally& tally);
void replay_ecdsa_der(const Group& group, Tally& tally);
void replay_ecdsa_p1363(const Group& group, Tally& tally);
void replay_ed25519(const Group& group, Tally& tally);
void replay_rsa_pss(const Group& group, Tally& tally);
void replay_rsa_pkcs1(const Group& group, Tally& tally);
void replay_ml_kem(const Group& group, Tally& tally);
void replay_ml_kem_encapsulate(const Group& group, Tally& tally);
void replay_ml_kem_keys(const Group& group, Tally& tally);

}  // namespace openpcc::vectors
