// SPDX-License-Identifier: Apache-2.0
// RFC 9458: both roles with whole messages, every intermediate value, refusals with the place where they happen.
#include <fmt/format.h>

#include "protocol/bhttp/bhttp.hpp"
#include "protocol/ohttp/one_shot.hpp"
#include "vectors/ohttp_case.hpp"

namespace openpcc::vectors {

namespace {

using ohttp::Form;

bool same(const Plaintext& plaintext, ByteView expected) {
    return plaintext.with([&](ByteView view) { return equal(view, expected); });
}

std::string replay_exchange(const json::object& test) {
    ohttp::OneKey keys = gateway_of(test);
    const Bytes request_plain = hex(test, "request_bhttp");
    const Bytes response_plain = hex(test, "response_bhttp");
    const Bytes response_wire = hex(test, "encapsulated_response");
    if (keys.config().encode() != hex(test, "key_config")) return "the key configuration is written otherwise";
    if (const std::string wrong = check_derivation(Form::kOneShot, test, keys.config()); !wrong.empty()) return wrong;

    auto sealed = ohttp::seal_request_with(keys.config(), symmetric(suite_of(test)), request_plain, ephemeral_of(test));
    if (!sealed || sealed->message != hex(test, "encapsulated_request")) return "request sealed otherwise";
    auto opened = ohttp::open_request(keys, sealed->message);
    if (!opened || !same(opened->plaintext, request_plain)) return "request opened otherwise";
    const std::size_t nonce_size = opened->answer.nonce_size();
    const auto answer =
        ohttp::seal_response_with(std::move(opened->answer), response_plain, response_wire.view().first(nonce_size));
    if (answer != response_wire) return "response sealed otherwise";
    const auto response = ohttp::open_response(std::move(sealed->answer), response_wire);
    if (!response || !same(*response, response_plain)) return "response opened otherwise";
    if (!bhttp::decode_request(request_plain, {})) return "the request is not Binary HTTP";
    if (!bhttp::decode_response(response_plain, {})) return "the response is not Binary HTTP";
    return {};
}

std::string replay_third_party(const json::object& test) {
    ohttp::OneKey keys = gateway_of(test);
    if (test.contains("derive_key_pair_ikm")) {
        const auto derived = hpke::PrivateKey::derive(suite_of(test).kem, hex(test, "derive_key_pair_ikm"));
        if (!derived || !equal(derived->public_key().bytes(), keys.config().key.bytes()))
            return "key derived otherwise";
    }
    const auto opened = ohttp::open_request(keys, hex(test, "encapsulated_request"));
    return opened && same(opened->plaintext, hex(test, "plaintext")) ? "" : "request opened otherwise";
}

// The status of an unencapsulated refusal, as a gateway chooses it: a key or tag that does not fit is a 422.
int status_of(const Error& error) { return error.category() == Category::kUnauthenticated ? 422 : 400; }

std::string replay_refused_request(const json::object& test) {
    ohttp::OneKey keys = gateway_of(test);
    const std::string_view wanted = text(test, "http_status");
    const auto opened = ohttp::open_request(keys, hex(test, "encapsulated_request"));
    if (wanted.find("ENCAPSULATED") != std::string_view::npos) {
        if (!opened) return "refused in clear: " + opened.error().describe();
        if (!same(opened->plaintext, hex(test, "decrypted"))) return "opened otherwise";
        return bhttp::decode_request(hex(test, "decrypted"), {}) ? "the inner message was accepted" : "";
    }
    if (!wanted.starts_with("4xx")) return "a status that this program does not know";
    if (opened) return "accepted";
    if (wanted.find("422") != std::string_view::npos && status_of(opened.error()) != 422)
        return "refused as " + opened.error().describe();
    if (wanted.find("ohttp-key") != std::string_view::npos && !(opened.error() == ohttp::kUnknownKey))
        return "refused as " + opened.error().describe();
    return {};
}

std::string replay_refused_response(const json::object& test) {
    const auto opened =
        ohttp::open_response(secret_from_shared(Form::kOneShot, test), hex(test, "encapsulated_response"));
    return opened ? "accepted" : "";
}

std::string compare(const ohttp::KeyConfig& config, const json::object& wanted) {
    if (config.key_id != number(wanted, "key_id")) return "key_id";
    if (static_cast<std::uint64_t>(config.key.kem()) != number(wanted, "kem_id")) return "kem_id";
    if (!equal(config.key.bytes(), hex(wanted, "public_key"))) return "public_key";
    std::vector<ohttp::SymmetricSuite> suites;
    for (const auto& entry : wanted.at("algorithms").as_array())
        suites.push_back({static_cast<hpke::Kdf>(number(entry.as_object(), "kdf_id")),
                          static_cast<hpke::Aead>(number(entry.as_object(), "aead_id"))});
    return config.suites == suites ? "" : "algorithms";
}

// A configuration with a KEM that this build does not have must be passed over; then the case counts as skipped.
void replay_key_configs(const json::object& test, std::string_view where, Tally& tally) {
    const Bytes body = hex(test, "ohttp_keys");
    const auto configs = ohttp::parse_key_configs(body);
    const std::string_view result = text(test, "result");
    if (result == "acceptable") return tally.pass();  // refused where it is ambiguous: see key_config.hpp
    if (result == "invalid") {
        tally.check(!configs, where, "accepted");
        return;
    }
    if (!configs) return tally.fail(where, configs.error().describe());
    std::size_t at = 0;
    std::string absent;
    for (const auto& entry : test.at("configs").as_array()) {
        const auto kem = static_cast<hpke::Kem>(number(entry.as_object(), "kem_id"));
        if (!hpke::is_supported(kem)) {
            absent = fmt::format("a key of KEM {:#06x} was passed over; the others agree", static_cast<unsigned>(kem));
            continue;
        }
        if (at == configs->size()) return tally.fail(where, "a configuration is missing");
        if (const auto wrong = compare((*configs)[at++], entry.as_object()); !wrong.empty())
            return tally.fail(where, wrong);
    }
    if (at != configs->size()) return tally.fail(where, "one configuration too many");
    if (!absent.empty()) return tally.skip(absent);
    tally.check(ohttp::encode_key_configs(*configs) == body, where, "written otherwise");
}

// The suite of a case that gives only a key configuration: its KEM decides whether we can run it.
std::string unsupported(const json::object& test) {
    if (test.contains("kem_id")) return unsupported_suite(suite_of(test));
    const Bytes config = hex(test, "key_config");
    return unsupported_suite({.kem = static_cast<hpke::Kem>(config[1] << 8 | config[2])});
}

void replay(const json::object& test, std::string_view where, Tally& tally) {
    if (test.contains("ohttp_keys")) return replay_key_configs(test, where, tally);
    if (const std::string reason = unsupported(test); !reason.empty()) return tally.skip(reason);
    std::string problem;
    if (test.contains("expect"))
        problem = test.contains("side") ? replay_refused_response(test) : replay_refused_request(test);
    else if (test.contains("plaintext"))
        problem = replay_third_party(test);
    else
        problem = replay_exchange(test);
    tally.check(problem.empty(), where, problem);
}

}  // namespace

void run_ohttp(const std::filesystem::path& folder, Tally& tally) { replay_cases(folder, tally, replay); }

}  // namespace openpcc::vectors
