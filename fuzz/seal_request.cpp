// SPDX-License-Identifier: Apache-2.0
// Sealed requests to a node with fixed keys (see seal_streams.hpp): every split gives the same result, nothing is
// handed out that was not sealed with the keys of that very header, and only a complete stream is complete.
#include "protocol/seal/opening/opening.hpp"
#include "seal_streams.hpp"

namespace openpcc::seal {
namespace {

// Candidate 1 of the first exchange of the vectors.
struct Node {
    hpke::PrivateKey key = hpke::PrivateKey::derive(hpke::Kem::kX25519, unhex(fixed::kIkm[1])).value();
    StatementName statement = StatementName::from_view(unhex(fixed::kStatement[1]));
    Bytes good_header = unhex(fixed::kReducedHeader);
    Bytes good_stream = unhex(fixed::kRequestStream);
    Bytes good_text = unhex(fixed::kRequestData);
    Chunks good_chunks = cut(good_stream);
    ReducedHeader header = [this] {
        wire::Reader in(good_header);
        return ReducedHeader::read(in).value();
    }();

    RequestOpener opener() const { return {header, unwrap(header, key, statement).value()}; }
};

const Node& node() {
    static const Node instance;
    return instance;
}

Heard open(ByteView stream) {
    auto opener = node().opener();
    const Heard whole = feed(opener, stream, std::max<std::size_t>(1, stream.size()));
    for (const std::size_t piece : {1UL, 23UL}) {
        auto again = node().opener();
        OPENPCC_ASSERT(feed(again, stream, piece) == whole);
    }
    return whole;
}

// As hops/node does it: the header comes in pieces too.
void check_raw(ByteView bytes) {
    HeaderReader<ReducedHeader> reader;
    const auto known = reader.update(bytes);
    if (!known || !*known) return;
    const auto unwrapped = unwrap(reader.header(), node().key, node().statement);
    const ByteView consumed = bytes.first(bytes.size() - reader.rest().size());
    // The wrap covers all but the places and hashes of the others, and these are in the request's keys.
    OPENPCC_ASSERT(!unwrapped || equal(consumed.first(42), node().good_header.view().first(42)));
    if (!unwrapped) return;
    RequestOpener opener(reader.header(), unwrap(reader.header(), node().key, node().statement).value());
    const Heard heard = feed(opener, reader.rest(), std::max<std::size_t>(1, reader.rest().size()));
    if (heard.text.empty() && heard.ends == 0) return;
    OPENPCC_ASSERT(equal(consumed, node().good_header));
    OPENPCC_ASSERT(starts(node().good_text, heard.text));
}

void check_changed(Input input) {
    const Changed changed = change(node().good_chunks, input);
    const Heard heard = open(changed.stream);
    OPENPCC_ASSERT(heard.error.empty() == changed.same);
    OPENPCC_ASSERT(starts(node().good_text, heard.text));
    if (changed.same) OPENPCC_ASSERT(heard.text == node().good_text && heard.end_body.empty());
    if (changed.same_chunks == 0) OPENPCC_ASSERT(heard.text.empty());
}

void check_records(Input input) {
    const Chunks plain = plaintexts(input);
    const auto unwrapped = unwrap(node().header, node().key, node().statement).value();
    const auto keys = unwrapped.request.with([](ByteView secret) {
        return derive_keys(node().header.common.suite.aead, secret, node().header.hash(), "request");
    });
    const Heard heard = open(seal_all(node().header.common.suite.aead, keys, plain));
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
