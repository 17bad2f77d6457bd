// SPDX-License-Identifier: Apache-2.0
// Answers to a client with a fixed request (see seal_streams.hpp): every split gives the same result, nothing is shown
// that no candidate sealed for this very request, and only a complete stream is complete.
#include "seal_streams.hpp"

namespace openpcc::seal {
namespace {

constexpr hpke::Suite kSuite{hpke::Kem::kX25519, hpke::Kdf::kHkdfSha256, hpke::Aead::kAes256Gcm};

// The client of the first exchange of the vectors; candidate 1 has answered.
struct Client {
    Client() {
        for (std::size_t i = 0; i < std::size(fixed::kIkm); ++i)
            candidates.push_back({{hpke::PrivateKey::derive(kSuite.kem, unhex(fixed::kIkm[i])).value().public_key(),
                                   {{kSuite.kdf, kSuite.aead}}},
                                  StatementName::from_view(unhex(fixed::kStatement[i]))});
    }
    ResponseOpener opener() const {
        Playback random(unhex(fixed::kDrawn));
        auto sealer = RequestSealer::make(candidates, {kSuite, {}, CellMode::kBatched, 0}, random).value();
        Bytes out;
        OPENPCC_ASSERT(sealer.data(as_bytes("POST "), out) && sealer.data(as_bytes("/v1/chat"), out));
        OPENPCC_ASSERT(sealer.padding(9, out));
        auto opener = std::move(sealer).end(as_bytes("!"), out).value();
        OPENPCC_ASSERT(out == unhex(fixed::kRequestStream));
        return opener;
    }
    std::vector<Candidate> candidates;
    Bytes good_answer = unhex(fixed::kAnswer);
    Bytes good_text = unhex(fixed::kAnswerData);
    ResponseNonce nonce = ResponseNonce::from_view(good_answer.view().first(kResponseNonceSize));
    Chunks good_chunks = cut(good_answer.view().subspan(kResponseNonceSize));
    crypto::StreamKeys keys =
        derive_keys(kSuite.aead, unhex(fixed::kResponseSecret),
                    response_salt(Transcript::from_view(unhex(fixed::kTranscript)), nonce), "response");
};

const Client& client() {
    static const Client instance;
    return instance;
}

Heard open(ByteView answer) {
    auto opener = client().opener();
    Heard whole = feed(opener, answer, std::max<std::size_t>(1, answer.size()));
    auto again = client().opener();
    OPENPCC_ASSERT(feed(again, answer, 1) == whole);
    OPENPCC_ASSERT(again.answered_by() == opener.answered_by());
    OPENPCC_ASSERT(!opener.answered_by() || *opener.answered_by() == 1);
    OPENPCC_ASSERT(opener.answered_by() || (whole.text.empty() && whole.ends == 0));
    if (const auto end = End::parse(whole.end_body)) OPENPCC_ASSERT(end->encode() == whole.end_body);
    return whole;
}

void check_raw(ByteView answer) {
    const Heard heard = open(answer);
    OPENPCC_ASSERT(starts(client().good_text, heard.text));
    if (!heard.text.empty()) OPENPCC_ASSERT(equal(answer.first(kResponseNonceSize), client().nonce));
}

void check_changed(Input input) {
    const Changed changed = change(client().good_chunks, input);
    const Heard heard = open(concat(client().nonce, changed.stream));
    OPENPCC_ASSERT(heard.error.empty() == changed.same);
    OPENPCC_ASSERT(starts(client().good_text, heard.text));
    if (changed.same) OPENPCC_ASSERT(heard.text == client().good_text);
    if (changed.same_chunks == 0) OPENPCC_ASSERT(heard.text.empty());
}

void check_records(Input input) {
    const Chunks plain = plaintexts(input);
    const Heard heard = open(concat(client().nonce, seal_all(kSuite.aead, client().keys, plain)));
    OPENPCC_ASSERT(heard == judge(plain));
}

}  // namespace
}  // namespace openpcc::seal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openpcc::seal;
    Input input({data, size});
    switch (input.byte()) {
        case 0:
            check_raw(input.rest());
            break;
        case 1:
            check_changed(input);
            break;
        case 2:
            check_records(input);
            break;
        default:
            break;
    }
    return 0;
}
