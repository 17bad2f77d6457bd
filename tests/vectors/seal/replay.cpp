// SPDX-License-Identifier: Apache-2.0
// seal_vectors FILE replays tests/vectors/seal/vectors.json: both roles, every intermediate value, every refusal with
// the paragraph that asks for it.
#include <cstdio>
#include <map>
#include <set>
#include <stdexcept>

#include "protocol/seal/errors.hpp"
#include "protocol/seal/opening/opening.hpp"
#include "protocol/seal/sealing/sealing.hpp"
#include "vectors/topics.hpp"

namespace openpcc::seal {
namespace {

using vectors::hex;
using vectors::number;
namespace bj = boost::json;

void check(bool good, std::string_view what) {
    if (!good) throw std::runtime_error(std::string(what));
}

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().describe());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

bool same(const SecretBytes& secret, ByteView expected) {
    return secret.with([&](ByteView view) { return equal(view, expected); });
}

// Gives out what the vector says was drawn.
class Playback final : public Random {
  public:
    explicit Playback(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(ByteSpan out) override {
        check(out.size() <= bytes_.size(), "more randomness drawn than the vector has");
        std::ranges::copy(bytes_.view().first(out.size()), out.begin());
        bytes_.erase_front(out.size());
    }
    bool empty() const { return bytes_.empty(); }

  private:
    Bytes bytes_;
};

struct Gather final : RecordSink {
    Result<void> data(ByteView bytes) override {
        text.append(bytes);
        return {};
    }
    Result<void> end(ByteView body) override {
        end_body = Bytes(body);
        return {};
    }
    Bytes text;
    Bytes end_body;
};

hpke::Suite suite_of(const bj::object& test) {
    return {static_cast<hpke::Kem>(number(test, "kem")), static_cast<hpke::Kdf>(number(test, "kdf")),
            static_cast<hpke::Aead>(number(test, "aead"))};
}

const bj::object& candidate_of(const bj::object& test, std::size_t index) {
    return test.at("candidates").as_array().at(index).as_object();
}

hpke::PrivateKey key_of(const bj::object& test, std::size_t index) {
    return must(hpke::PrivateKey::derive(suite_of(test).kem, hex(candidate_of(test, index), "ikm")));
}

// The client up to the end of its request.
ResponseOpener seal_request(const bj::object& test, Bytes& wire) {
    const hpke::Suite suite = suite_of(test);
    Bytes drawn = hex(test, "secret");
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < test.at("candidates").as_array().size(); ++i) {
        const bj::object& candidate = candidate_of(test, i);
        drawn.append(hex(candidate, "ephemeral"));
        candidates.push_back({{key_of(test, i).public_key(), {{suite.kdf, suite.aead}}},
                              StatementName::from_view(hex(candidate, "statement_name"))});
    }
    Playback random(std::move(drawn));
    auto sealer = must(RequestSealer::make(
        candidates,
        {suite, SnapshotHash::from_view(hex(test, "snapshot")), static_cast<CellMode>(number(test, "cell_mode")),
         static_cast<std::uint8_t>(number(test, "size_class"))},
        random));
    check(random.empty(), "less randomness drawn than the vector has");
    check(sealer.header() == hex(test, "header"), "header");
    wire = sealer.header();
    Bytes last;
    for (const bj::value& value : test.at("calls").as_array()) {
        const bj::object& call = value.as_object();
        if (call.contains("data")) must(sealer.data(hex(call, "data"), wire));
        if (call.contains("padding")) must(sealer.padding(number(call, "padding"), wire));
        if (call.contains("last")) last = hex(call, "last");
    }
    return must(std::move(sealer).end(last, wire));
}

// A node with one key, as hops/node does it.
Result<RequestOpener> open_request(const bj::object& test, std::size_t index, ByteView request,
                                   const StatementName& statement, const SnapshotHash& snapshot, std::size_t piece,
                                   Gather& sink) {
    const auto key = key_of(test, index);
    HeaderReader<ReducedHeader> reader;
    std::optional<RequestOpener> opener;
    for (; !request.empty(); request = request.subspan(std::min(piece, request.size()))) {
        const ByteView bytes = request.first(std::min(piece, request.size()));
        if (opener) {
            OPENPCC_CHECK(opener->update(bytes, sink));
            continue;
        }
        OPENPCC_TRY(const bool known, reader.update(bytes));
        if (!known) continue;
        const ReducedHeader& header = reader.header();
        if (header.common.snapshot != snapshot) return fail(kUnknownSnapshot);
        if (header.entry.key_id != KeyConfig{key.public_key(), {}}.id()) return fail(kUnknownKey);
        OPENPCC_TRY(auto unwrapped, unwrap(header, key, statement));
        opener.emplace(header, std::move(unwrapped));
        OPENPCC_CHECK(opener->update(reader.rest(), sink));
    }
    if (!opener) return fail(wire::kTruncated);
    OPENPCC_CHECK(opener->finish(sink));
    if (!sink.end_body.empty()) return fail(kBadRecord);
    return std::move(*opener);
}

Result<End> open_answer(ResponseOpener& opener, ByteView answer, std::size_t piece, Gather& sink) {
    for (; !answer.empty(); answer = answer.subspan(std::min(piece, answer.size())))
        OPENPCC_CHECK(opener.update(answer.first(std::min(piece, answer.size())), sink));
    OPENPCC_CHECK(opener.finish(sink));
    return End::parse(sink.end_body);
}

// The chunks one by one, and what they are together on the wire.
Bytes check_chunks(const bj::object& test, crypto::Aead aead, const crypto::StreamKeys& keys) {
    crypto::ChunkSealer sealer(aead, keys);
    wire::Writer out;
    const bj::array& chunks = test.at("chunks").as_array();
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const Bytes plain = hex(chunks[i].as_object(), "plaintext");
        Bytes sealed(plain.size() + crypto::kTagSize);
        const bool final = i + 1 == chunks.size();
        must(final ? sealer.seal_final(plain, sealed.span()) : sealer.seal(plain, sealed.span()));
        check(sealed == hex(chunks[i].as_object(), "sealed"), "a sealed chunk");
        out.varint(final ? 0 : sealed.size()).raw(sealed);
    }
    return std::move(out).take();
}

void check_candidate(const bj::object& test, std::size_t index, const FullHeader& full) {
    const bj::object& candidate = candidate_of(test, index);
    const Entry& entry = full.entries.at(index);
    const StatementName statement = StatementName::from_view(hex(candidate, "statement_name"));
    const auto key = key_of(test, index);
    check(equal(key.public_key().bytes(), hex(candidate, "public_key")), "public_key");
    check(equal(entry.key_id, hex(candidate, "key_id")), "key_id");
    check(KeyConfig{key.public_key(), {}}.id() == entry.key_id, "the key id of the key");
    check(full.common.wrap_info(statement) == hex(candidate, "info"), "info");
    check(entry.enc == hex(candidate, "enc") && entry.wrapped == hex(candidate, "wrapped"), "enc or wrapped");
    check(equal(entry.hash(), hex(candidate, "entry_hash")), "entry_hash");
    const Bytes reduced_bytes = full.reduce(index);
    check(reduced_bytes == hex(candidate, "reduced_header"), "reduced_header");
    wire::Reader in(reduced_bytes);
    const auto reduced = must(ReducedHeader::read(in));
    check(in.done() && equal(reduced.hash(), hex(test, "header_hash")), "the reduced header's hash");
    const auto unwrapped = must(unwrap(reduced, key, statement));
    unwrapped.request.with([&](ByteView view) { check(equal(view, hex(test, "secret")), "secret"); });
    unwrapped.response.with(
        [&](ByteView view) { check(equal(view, hex(candidate, "response_secret")), "response_secret"); });
}

void check_answer(const bj::object& test, const bj::object& answer, ByteView chunks) {
    const hpke::Suite suite = suite_of(test);
    const std::size_t index = number(answer, "candidate");
    const bj::object& candidate = candidate_of(test, index);
    const Bytes request = concat(hex(candidate, "reduced_header"), chunks);
    const StatementName statement = StatementName::from_view(hex(candidate, "statement_name"));
    Playback random(hex(answer, "nonce"));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, request.size()}) {
        Gather sink;
        auto opener = must(
            open_request(test, index, request, statement, SnapshotHash::from_view(hex(test, "snapshot")), piece, sink));
        check(sink.text == hex(test, "data"), "the request's data");
        if (piece == request.size())
            check(equal(std::move(opener).respond(random).header(), hex(answer, "nonce")), "nonce");
    }
    const Bytes salt =
        response_salt(Transcript::from_view(hex(test, "transcript")), ResponseNonce::from_view(hex(answer, "nonce")));
    check(salt == hex(answer, "salt"), "salt");
    const auto keys = derive_keys(suite.aead, hex(candidate, "response_secret"), salt, "response");
    check(same(keys.key, hex(answer, "response_key")), "response_key");
    check(equal(keys.base_nonce, hex(answer, "response_nonce")), "response_nonce");
    const Bytes wire = concat(hex(answer, "nonce"), check_chunks(answer, suite.aead, keys));
    check(wire == hex(answer, "answer"), "answer");
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, wire.size()}) {
        Bytes unused;
        auto opener = seal_request(test, unused);
        Gather sink;
        const End end = must(open_answer(opener, wire, piece, sink));
        check(opener.complete() && opener.answered_by() == index, "who answered");
        check(static_cast<std::uint64_t>(end.outcome) == number(answer, "outcome"), "outcome");
        check(static_cast<std::uint64_t>(end.cell_mode) == number(answer, "cell_mode"), "cell_mode");
        check(end.receipt == hex(answer, "receipt"), "receipt");
    }
}

void check_exchange(const bj::object& test) {
    const hpke::Suite suite = suite_of(test);
    const Bytes header = hex(test, "header");
    wire::Reader in(header);
    const auto full = must(FullHeader::read(in));
    wire::Writer common;
    full.common.write(common);
    check(in.done() && full.encode() == header, "the header is written otherwise");
    check(equal(common.view(), hex(test, "common")), "common");
    check(equal(full.hash(), hex(test, "header_hash")), "header_hash");
    for (std::size_t i = 0; i < full.entries.size(); ++i) check_candidate(test, i, full);

    const auto keys = derive_keys(suite.aead, hex(test, "secret"), full.hash(), "request");
    check(same(keys.key, hex(test, "request_key")), "request_key");
    check(equal(keys.base_nonce, hex(test, "request_nonce")), "request_nonce");
    const Bytes chunks = check_chunks(test, suite.aead, keys);
    check(concat(header, chunks) == hex(test, "request"), "request");
    TranscriptHash transcript(full.hash());
    for (const bj::value& value : test.at("chunks").as_array())
        transcript.chunk(hex(value.as_object(), "sealed"), &value == &test.at("chunks").as_array().back());
    check(equal(std::move(transcript).finish(), hex(test, "transcript")), "transcript");
    Bytes sealed;
    seal_request(test, sealed);
    check(sealed == hex(test, "request"), "sealed otherwise");
    for (const bj::value& value : test.at("answers").as_array()) check_answer(test, value.as_object(), chunks);
}

// What we may say where the paragraph asks for a refusal.
bool fits(std::string_view paragraph, const Error& error) {
    static const std::map<std::string_view, std::vector<ErrorCode>> kCodes = {
        {"seal-1.5", {kMalformed, kTooLarge}},
        {"seal-3.1", {kMalformed, kBadSuite, kUnknownSnapshot}},
        {"seal-3.2", {kMalformed}},
        {"seal-3.3", {kMalformed, wire::kTruncated}},
        {"seal-3.4", {kMalformed, wire::kTruncated}},
        {"seal-4.1", {kOpenFailed}},
        {"seal-5.1", {kTruncated}},
        {"seal-5.3", {kOpenFailed}},
        {"seal-5.5", {kOpenFailed}},
        {"seal-6.1", {kEmptyChunk, kBadRecord}},
        {"seal-6.2", {kBadRecord}},
        {"seal-6.3", {kBadRecord}},
        {"seal-6.4", {kBadRecord, wire::kTruncated, wire::kTrailing}},
        {"seal-7.1", {kUnknownKey}},
        {"seal-7.4", {kTruncated}},
    };
    for (const ErrorCode& code : kCodes.at(paragraph))
        if (error == code) return true;
    return false;
}

Result<void> act(const bj::object& base, const bj::object& test, std::size_t piece) {
    const std::string_view side = vectors::text(test, "side");
    Gather sink;
    if (side == "gateway") {
        const Bytes header = hex(test, "header");
        wire::Reader in(header);
        OPENPCC_CHECK(FullHeader::read(in));
        return {};
    }
    if (side == "node") {
        const bj::object& named = test.contains("statement_name") ? test : candidate_of(base, 1);
        const auto statement = StatementName::from_view(hex(named, "statement_name"));
        OPENPCC_CHECK(open_request(base, 1, hex(test, "request"), statement, {}, piece, sink));
        return {};
    }
    check(side == "client", "a side that does not exist");
    Bytes unused;
    auto opener = seal_request(base, unused);
    OPENPCC_CHECK(open_answer(opener, hex(test, "answer"), piece, sink));
    return {};
}

void check_refusal(const bj::object& base, const bj::object& test) {
    const std::string_view paragraph = vectors::text(test, "paragraph");
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 20}) {
        const auto result = act(base, test, piece);
        check(!result, "accepted");
        check(fits(paragraph, result.error()), std::string("refused as ") + result.error().describe());
    }
}

int replay(const char* path) {
    const bj::value file = vectors::load(path);
    const bj::array& exchanges = file.as_object().at("exchanges").as_array();
    const bj::array& refusals = file.as_object().at("refusals").as_array();
    int failed = 0;
    const auto run = [&](const bj::object& test, auto fn) {
        try {
            fn();
        } catch (const std::exception& error) {
            const bj::value* side = test.if_contains("side");
            std::printf("FAILED %s%s: %s\n", side == nullptr ? "" : (bj::serialize(*side) + " ").c_str(),
                        test.at("name").as_string().c_str(), error.what());
            ++failed;
        }
    };
    for (const bj::value& test : exchanges) run(test.as_object(), [&] { check_exchange(test.as_object()); });
    for (const bj::value& test : refusals)
        run(test.as_object(), [&] { check_refusal(exchanges.at(0).as_object(), test.as_object()); });
    std::printf("seal: %zu exchanges, %zu refusals, %d failed\n", exchanges.size(), refusals.size(), failed);
    return failed == 0 && !exchanges.empty() && !refusals.empty() ? 0 : 1;
}

}  // namespace
}  // namespace openpcc::seal

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: seal_vectors FILE\n");
        return 2;
    }
    try {
        return openpcc::seal::replay(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "seal_vectors: %s\n", error.what());
        return 1;
    }
}
