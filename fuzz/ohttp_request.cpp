// SPDX-License-Identifier: Apache-2.0
// Encapsulated requests, chunked and whole, to the gateway key of the example in draft-ietf-ohai-chunked-ohttp-08:
// every split gives the same result, no plaintext is longer than what carried it, and only a complete stream is
// complete.
#include "core/assert.hpp"
#include "protocol/ohttp/one_shot.hpp"
#include "protocol/ohttp/test_keys.hpp"

namespace openpcc::ohttp {
namespace {

OneKey& keys() {
    static OneKey instance(hpke::Kem::kX25519,
                           unhex("1c190d72acdbe4dbc69e680503bb781a932c70a12c8f3754434c67d8640d8698"),
                           unhex("010020668eb21aace159803974a4c67f08b4152d29bed10735fd08f98ccdd6fe095708"
                                 "00080001000100010003"));
    instance.admitted.clear();
    return instance;
}

void check(ByteView stream) {
    RequestOpener opener(keys());
    const Heard whole = feed(opener, stream, {std::max<std::size_t>(1, stream.size())});
    OPENPCC_ASSERT(opener.complete() == whole.error.empty());
    OPENPCC_ASSERT(opener.decrypted() || whole.plaintext.empty());
    OPENPCC_ASSERT(whole.plaintext.size() < std::max<std::size_t>(1, stream.size()));
    for (const std::size_t piece : {1UL, 19UL}) {
        RequestOpener again(keys());
        OPENPCC_ASSERT(feed(again, stream, {piece}) == whole);
    }
    // The labels differ, so that nothing opens in both forms.
    OPENPCC_ASSERT(!opener.decrypted() || !open_request(keys(), stream));
}

}  // namespace
}  // namespace openpcc::ohttp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::ohttp::check({data, size});
    return 0;
}
