// SPDX-License-Identifier: Apache-2.0
// Encapsulated responses, chunked and whole, to the request of the example in draft-ietf-ohai-chunked-ohttp-08.
#include "core/assert.hpp"
#include "protocol/ohttp/one_shot.hpp"
#include "protocol/ohttp/test_keys.hpp"

namespace openpcc::ohttp {
namespace {

ResponseSecret secret() {
    return {.suite = {hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm},
            .enc = unhex("8811eb457e100811c40a0aa71340a1b81d804bb986f736f2f566a7199761a032"),
            .secret = SecretBytes::copy_from(unhex("1d4484834ae36102a6ac42a5523454d9"))};
}

void check(ByteView stream) {
    ResponseOpener opener(secret());
    const Heard whole = feed(opener, stream, {std::max<std::size_t>(1, stream.size())});
    OPENPCC_ASSERT(opener.complete() == whole.error.empty());
    OPENPCC_ASSERT(whole.plaintext.size() < std::max<std::size_t>(1, stream.size()));
    for (const std::size_t piece : {1UL, 19UL}) {
        ResponseOpener again(secret());
        OPENPCC_ASSERT(feed(again, stream, {piece}) == whole);
    }
    const auto opened = open_response(secret(), stream);
    OPENPCC_ASSERT(!opened || opened->size() + 32 == stream.size());
}

}  // namespace
}  // namespace openpcc::ohttp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::ohttp::check({data, size});
    return 0;
}
