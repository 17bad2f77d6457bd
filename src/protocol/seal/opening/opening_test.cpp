// SPDX-License-Identifier: Apache-2.0
#include "protocol/seal/opening/opening.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "protocol/seal/errors.hpp"
#include "protocol/seal/sealing/sealing.hpp"

namespace openpcc::seal {
namespace {

crypto::SystemRandom g_random;

struct Gather final : RecordSink {
    Result<void> data(ByteView bytes) override {
        text += openpcc::to_string(bytes);
        return {};
    }
    Result<void> end(ByteView body) override {
        end_body = Bytes(body);
        ++ends;
        return {};
    }
    std::string text;
    Bytes end_body;
    int ends = 0;
};

struct Node {
    hpke::PrivateKey key;
    StatementName statement;
    Candidate candidate() const {
        return {{key.public_key(), {{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes256Gcm}}}, statement};
    }
};

Node make_node(std::uint8_t tag, hpke::Kem kem = hpke::Kem::kX25519) {
    StatementName statement;
    statement.bytes.fill(tag);
    return {*hpke::PrivateKey::generate(kem, g_random), statement};
}

class Seal : public testing::Test {
  protected:
    // A sealed request to two nodes, cut into the client's header and the stream.
    void SetUp() override {
        auto sealer = RequestSealer::make({nodes[0].candidate(), nodes[1].candidate()}, Options{}, g_random);
        ASSERT_TRUE(sealer);
        wire::Reader in(sealer->header());
        header = *FullHeader::read(in);
        ASSERT_TRUE(in.done());
        ASSERT_TRUE(sealer->data(as_bytes("tell me "), stream));
        ASSERT_TRUE(sealer->padding(100, stream));
        opener.emplace(*std::move(*sealer).end(as_bytes("a joke"), stream));
    }
    // What node `index` makes of the stream.
    Result<RequestOpener> open(std::size_t index, ByteView bytes, Gather& sink, std::size_t piece = 1 << 20) {
        const Bytes reduced = header.reduce(index);
        wire::Reader in(reduced);
        OPENPCC_TRY(const auto reduced_header, ReducedHeader::read(in));
        OPENPCC_CHECK(in.finish());
        OPENPCC_TRY(auto unwrapped, unwrap(reduced_header, nodes[index].key, nodes[index].statement));
        RequestOpener request(reduced_header, std::move(unwrapped));
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            OPENPCC_CHECK(request.update(bytes.subspan(at, std::min(piece, bytes.size() - at)), sink));
        OPENPCC_CHECK(request.finish(sink));
        return request;
    }
    Bytes answer_from(std::size_t index, std::string_view text) {
        Gather sink;
        ResponseSealer sealer = std::move(*open(index, stream, sink)).respond(g_random);
        Bytes out(sealer.header());
        EXPECT_TRUE(sealer.data(as_bytes(text), out));
        EXPECT_TRUE(sealer.end(End{Outcome::kComplete, CellMode::kBatched, {}}, out));
        return out;
    }
    Result<void> read_answer(ByteView bytes, Gather& sink) {
        OPENPCC_CHECK(opener->update(bytes, sink));
        return opener->finish(sink);
    }

    std::vector<Node> nodes = [] {
        std::vector<Node> out;
        out.push_back(make_node(1));
        out.push_back(make_node(2));
        return out;
    }();
    FullHeader header;
    Bytes stream;
    std::optional<ResponseOpener> opener;
};

TEST_F(Seal, BothCandidatesReadItAndEitherCanAnswer) {
    for (std::size_t index : {0UL, 1UL}) {
        Gather sink;
        ASSERT_TRUE(open(index, stream, sink));
        EXPECT_EQ(sink.text, "tell me a joke");
        EXPECT_EQ(sink.ends, 1);
    }
    Gather sink;
    ASSERT_TRUE(read_answer(answer_from(1, "why did"), sink));
    EXPECT_EQ(sink.text, "why did");
    EXPECT_EQ(opener->answered_by(), 1U);
    EXPECT_TRUE(opener->complete());
    EXPECT_EQ(End::parse(sink.end_body)->cell_mode, CellMode::kBatched);
}

TEST_F(Seal, AnySplitIsTheSame) {
    for (std::size_t piece : {1UL, 2UL, 3UL, 7UL, 64UL}) {
        Gather sink;
        ASSERT_TRUE(open(0, stream, sink, piece));
        EXPECT_EQ(sink.text, "tell me a joke");
    }
    const Bytes answer = answer_from(0, "why did");
    Gather sink;
    for (std::uint8_t byte : answer) ASSERT_TRUE(opener->update(ByteView(&byte, 1), sink));
    ASSERT_TRUE(opener->finish(sink));
    EXPECT_EQ(sink.text, "why did");
}

TEST_F(Seal, EveryTruncationIsAnError) {
    for (std::size_t size = 0; size < stream.size(); ++size) {
        Gather sink;
        const auto opened = open(0, stream.view().first(size), sink);
        ASSERT_FALSE(opened);
        EXPECT_EQ(sink.ends, 0);
    }
    const Bytes answer = answer_from(0, "why did");
    for (std::size_t size = 0; size < answer.size(); ++size) {
        Gather sink;
        stream.clear();
        SetUp();
        const Bytes fresh = answer_from(0, "why did");
        ASSERT_FALSE(read_answer(fresh.view().first(size), sink)) << size;
        EXPECT_FALSE(opener->complete());
    }
}

TEST_F(Seal, EveryFlippedBitOfTheStreamIsRefused) {
    for (std::size_t at = 0; at < stream.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            Bytes altered = stream;
            altered[at] ^= static_cast<std::uint8_t>(1 << bit);
            Gather sink;
            const auto opened = open(0, altered, sink);
            ASSERT_FALSE(opened) << at << "." << bit;
        }
}

TEST_F(Seal, EveryFlippedBitOfTheReducedHeaderIsRefused) {
    const Bytes reduced = header.reduce(1);
    for (std::size_t at = 0; at < reduced.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            Bytes altered = reduced;
            altered[at] ^= static_cast<std::uint8_t>(1 << bit);
            wire::Reader in(altered);
            const auto parsed = ReducedHeader::read(in);
            if (!parsed || !in.done() || parsed->entry.key_id != header.entries[1].key_id) continue;
            auto unwrapped = unwrap(*parsed, nodes[1].key, nodes[1].statement);
            if (!unwrapped) continue;
            // The wrap does not cover the other entries' hashes: the request keys do.
            RequestOpener request(*parsed, std::move(*unwrapped));
            Gather sink;
            ASSERT_FALSE(request.update(stream, sink)) << at << "." << bit;
            EXPECT_EQ(sink.text, "");
        }
}

TEST_F(Seal, AnswerToAnotherRequestOrByAnotherNodeIsUnreadable) {
    const Bytes answer = answer_from(0, "why did");
    stream.clear();
    SetUp();  // the same nodes, a new request
    Gather sink;
    EXPECT_EQ(read_answer(answer, sink).error(), kOpenFailed);
    EXPECT_EQ(sink.text, "");
    EXPECT_EQ(opener->update({}, sink).error(), kOpenFailed);  // dead from then on
}

// A candidate knows the request secret, and still cannot answer in the place of the other: its response secret differs,
// and with it whatever it claims to be.
TEST_F(Seal, RequestAlteredUnderWayGivesAnAnswerThatTheClientCannotOpen) {
    // Candidate 1 re-seals another prompt under the shared request keys and hands it to candidate 0.
    const Bytes reduced = header.reduce(1);
    wire::Reader in(reduced);
    const auto reduced_header = *ReducedHeader::read(in);
    const auto unwrapped = *unwrap(reduced_header, nodes[1].key, nodes[1].statement);
    const auto keys = unwrapped.request.with(
        [&](ByteView secret) { return derive_keys(crypto::Aead::kAes256Gcm, secret, header.hash(), "request"); });
    StreamWriter forger(crypto::Aead::kAes256Gcm, keys);
    stream.clear();
    ASSERT_TRUE(forger.end(as_bytes("tell me everything"), {}, stream));
    Gather opened;
    ASSERT_TRUE(open(0, stream, opened));  // candidate 0 cannot tell
    Gather sink;
    EXPECT_EQ(read_answer(answer_from(0, "here it is"), sink).error(), kOpenFailed);
}

TEST_F(Seal, WrongStatementOrKeyDoesNotUnwrap) {
    const Bytes reduced = header.reduce(0);
    wire::Reader in(reduced);
    const auto reduced_header = *ReducedHeader::read(in);
    EXPECT_EQ(unwrap(reduced_header, nodes[0].key, nodes[1].statement).error(), kOpenFailed);
    EXPECT_EQ(unwrap(reduced_header, nodes[1].key, nodes[0].statement).error(), kOpenFailed);
}

TEST_F(Seal, RecordsAreStrict) {
    const crypto::StreamKeys keys = derive_keys(crypto::Aead::kAes256Gcm, Bytes(32), Bytes(32), "request");
    const auto feed = [&](ByteView plaintext, bool final) {
        crypto::ChunkSealer sealer(crypto::Aead::kAes256Gcm, keys);
        Bytes chunk(plaintext.size() + crypto::kTagSize);
        EXPECT_TRUE(final ? sealer.seal_final(plaintext, chunk.span()) : sealer.seal(plaintext, chunk.span()));
        StreamReader reader(crypto::Aead::kAes256Gcm, keys);
        Gather sink;
        return reader.chunk(chunk, final, sink);
    };
    EXPECT_TRUE(feed(Bytes{1, 0, 0, 1, 'a'}, false));
    EXPECT_TRUE(feed(Bytes{0, 0, 0, 0}, false));
    EXPECT_TRUE(feed(Bytes{1, 0, 0, 1, 'a', 2, 0, 0, 0}, true));
    EXPECT_EQ(feed({}, false).error(), kEmptyChunk);
    EXPECT_EQ(feed({}, true).error(), kEmptyChunk);
    EXPECT_EQ(feed(Bytes{1, 0, 0, 0}, false).error(), kBadRecord);           // empty data
    EXPECT_EQ(feed(Bytes{1, 0, 0, 2, 'a'}, false).error(), kBadRecord);      // longer than its chunk
    EXPECT_EQ(feed(Bytes{0, 0, 0, 1, 7}, false).error(), kBadRecord);        // padding that says something
    EXPECT_EQ(feed(Bytes{3, 0, 0, 0}, false).error(), kBadRecord);           // unknown type
    EXPECT_EQ(feed(Bytes{2, 0, 0, 0}, false).error(), kBadRecord);           // end before the final chunk
    EXPECT_EQ(feed(Bytes{1, 0, 0, 1, 'a'}, true).error(), kBadRecord);       // final chunk without an end
    EXPECT_EQ(feed(Bytes{2, 0, 0, 0, 1, 0, 0, 1, 'a'}, true).error(), kBadRecord);  // something after the end
    EXPECT_EQ(feed(Bytes{2, 0, 0, 0, 2, 0, 0, 0}, true).error(), kBadRecord);       // two ends
}

TEST_F(Seal, StreamReaderIsDeadAfterABadRecord) {
    const crypto::StreamKeys keys = derive_keys(crypto::Aead::kAes256Gcm, Bytes(32), Bytes(32), "request");
    crypto::ChunkSealer sealer(crypto::Aead::kAes256Gcm, keys);
    StreamReader reader(crypto::Aead::kAes256Gcm, keys);
    Gather sink;
    Bytes chunk(4 + crypto::kTagSize);
    ASSERT_TRUE(sealer.seal(Bytes{3, 0, 0, 0}, chunk.span()));
    EXPECT_EQ(reader.chunk(chunk, false, sink).error(), kBadRecord);
    ASSERT_TRUE(sealer.seal_final(Bytes{2, 0, 0, 0}, chunk.span()));
    EXPECT_EQ(reader.chunk(chunk, true, sink).error(), kBadRecord);
    EXPECT_EQ(sink.ends, 0);
    EXPECT_FALSE(reader.complete());
}

TEST_F(Seal, HeadersOfTheTwoFormsAreNotMixedUp) {
    const Bytes full = header.encode();
    const Bytes reduced = header.reduce(0);
    wire::Reader a(full);
    EXPECT_EQ(ReducedHeader::read(a).error(), kMalformed);
    wire::Reader b(reduced);
    EXPECT_EQ(FullHeader::read(b).error(), kMalformed);
    wire::Reader c(reduced);
    EXPECT_EQ(ReducedHeader::read(c)->hash(), header.hash());
}

TEST_F(Seal, HeaderReaderTakesWhatBelongsToTheHeaderAndNoMore) {
    const Bytes reduced = header.reduce(1);
    HeaderReader<ReducedHeader> reader;
    for (std::size_t at = 0; at + 1 < reduced.size(); ++at) ASSERT_EQ(reader.update(reduced.view().subspan(at, 1)), false);
    ASSERT_EQ(reader.update(concat(reduced.view().last(1), as_bytes("rest"))), true);
    EXPECT_EQ(openpcc::to_string(reader.rest()), "rest");
    EXPECT_EQ(reader.header().hash(), header.hash());

    Bytes altered = header.encode();
    altered[43 + 16] = 0xff;  // enc says that it goes on for 65,312 bytes
    HeaderReader<FullHeader> full;
    EXPECT_FALSE(full.update(altered));
    altered = header.encode();
    altered[42] = 9;
    HeaderReader<FullHeader> crowd;
    EXPECT_EQ(crowd.update(altered.view().first(43)).error(), kMalformed);  // known before any entry is kept
}

TEST_F(Seal, SealerWantsDifferentCandidates) {
    EXPECT_EQ(RequestSealer::make({}, Options{}, g_random).error(), kMalformed);
    EXPECT_EQ(RequestSealer::make({nodes[0].candidate(), nodes[0].candidate()}, Options{}, g_random).error(), kMalformed);
    const Node p256 = make_node(3, hpke::Kem::kP256);
    EXPECT_EQ(RequestSealer::make({p256.candidate()}, Options{}, g_random).error(), kBadSuite);
    EXPECT_EQ(choose_suite({{nodes[0].candidate().key}, {p256.candidate().key}}).error(), kBadSuite);
    EXPECT_EQ(choose_suite({{p256.candidate().key}})->kem, hpke::Kem::kP256);
}

TEST_F(Seal, LargeRequestsCrossChunks) {
    const std::string large(100000, 'x');
    auto sealer = *RequestSealer::make({nodes[0].candidate()}, Options{}, g_random);
    Bytes header_bytes = sealer.header();
    wire::Reader in(header_bytes);
    header = *FullHeader::read(in);
    stream.clear();
    ASSERT_TRUE(sealer.data(as_bytes(large), stream));
    ASSERT_TRUE(std::move(sealer).end({}, stream));
    Gather sink;
    ASSERT_TRUE(open(0, stream, sink, 4096));
    EXPECT_EQ(sink.text, large);
}

}  // namespace
}  // namespace openpcc::seal
