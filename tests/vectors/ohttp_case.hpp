// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/ohttp/exchange.hpp"
#include "protocol/ohttp/test_keys.hpp"
#include "vectors/topics.hpp"

// What the vectors of both forms of Oblivious HTTP have in common.
namespace openpcc::vectors {

// unsupported says why a suite is not ours, or nothing.
std::string unsupported_suite(const hpke::Suite& suite);
// suite_of reads kem_id, kdf_id and aead_id.
hpke::Suite suite_of(const json::object& test);
ohttp::SymmetricSuite symmetric(const hpke::Suite& suite);

// gateway_of makes the gateway's key: from key_config when it is given, else with the one suite of the case.
ohttp::OneKey gateway_of(const json::object& test);
// ephemeral_of is what makes the client deterministic.
Bytes ephemeral_of(const json::object& test);

// secret_from_shared is what the client keeps, for cases that give the KEM's shared secret and no private key.
ohttp::ResponseSecret secret_from_shared(ohttp::Form form, const json::object& test);

// check_derivation compares every intermediate value that the case gives; nothing when all agree.
std::string check_derivation(ohttp::Form form, const json::object& test, const ohttp::KeyConfig& config);

// replay_cases runs every case of the folder: a file is a list in `cases` or one case itself.
void replay_cases(const std::filesystem::path& folder, Tally& tally,
                  const std::function<void(const json::object&, std::string_view, Tally&)>& replay);

}  // namespace openpcc::vectors
