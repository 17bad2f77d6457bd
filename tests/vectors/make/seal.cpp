// SPDX-License-Identifier: Apache-2.0
// Writes tests/vectors/seal/vectors.json to standard output: build/*/test/make_seal_vectors. What our code draws at
// random comes from a fixed stream, so the output is the same byte for byte on every machine.
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "crypto/kdf.hpp"
#include "protocol/seal/opening/opening.hpp"
#include "protocol/seal/sealing/sealing.hpp"
#include "wire/json.hpp"

namespace openpcc::seal {
namespace {

using json::Value;
using Chunks = std::vector<std::pair<Bytes, bool>>;  // sealed or plain; final

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().describe());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Block i is Expand(Extract("", "openpcc seal vectors"), uint32 i, 32); every draw starts with a new block.
class FixedRandom final : public Random {
  public:
    void fill(ByteSpan out) override {
        while (!out.empty()) {
            wire::Writer info;
            info.u32(block_++);
            const auto bytes = crypto::hkdf_expand(crypto::Hash::kSha256, prk_, info.view(), 32);
            const std::size_t size = std::min<std::size_t>(out.size(), 32);
            bytes.with([&](ByteView view) { std::ranges::copy(view.first(size), out.begin()); });
            drawn_.push_back(Bytes(out.first(size)));
            out = out.subspan(size);
        }
    }
    Bytes draw() {
        Bytes out(32);
        fill(out.span());
        return out;
    }
    // drawn gives what was drawn since it was last asked.
    std::vector<Bytes> drawn() { return std::exchange(drawn_, {}); }

  private:
    SecretBytes prk_ = crypto::hkdf_extract(crypto::Hash::kSha256, {}, as_bytes("openpcc seal vectors"));
    std::uint32_t block_ = 0;
    std::vector<Bytes> drawn_;
};

FixedRandom g_random;

void put(Value& object, std::string_view name, ByteView bytes) { object.set(name, Value::string(to_hex(bytes))); }
void put(Value& object, std::string_view name, const SecretBytes& secret) {
    secret.with([&](ByteView view) { put(object, name, view); });
}

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

Bytes record(RecordType type, ByteView body) {
    return concat(Bytes{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(body.size() >> 16),
                        static_cast<std::uint8_t>(body.size() >> 8), static_cast<std::uint8_t>(body.size())},
                  body);
}
Bytes data_record(std::string_view text) { return record(RecordType::kData, as_bytes(text)); }

Chunks cut(ByteView stream) {
    Chunks out;
    wire::ChunkCutter cutter(kMaxSealedChunk);
    while (const auto chunk = must(cutter.next(stream))) out.emplace_back(Bytes(*chunk), false);
    out.emplace_back(Bytes(must(cutter.final())), true);
    return out;
}

Bytes join(const Chunks& sealed) {
    wire::Writer out;
    for (const auto& [bytes, final] : sealed) out.varint(final ? 0 : bytes.size()).raw(bytes);
    return std::move(out).take();
}

Chunks open_all(crypto::Aead aead, const crypto::StreamKeys& keys, const Chunks& sealed) {
    crypto::ChunkOpener opener(aead, keys);
    Chunks out;
    for (const auto& [bytes, final] : sealed) {
        Bytes plain(bytes.size() - crypto::kTagSize);
        must(final ? opener.open_final(bytes, plain.span()) : opener.open(bytes, plain.span()));
        out.emplace_back(plain, final);
    }
    return out;
}

Chunks seal_all(crypto::Aead aead, const crypto::StreamKeys& keys, const std::vector<Bytes>& plains) {
    crypto::ChunkSealer sealer(aead, keys);
    Chunks out;
    for (const Bytes& plain : plains) {
        const bool final = &plain == &plains.back();
        Bytes sealed(plain.size() + crypto::kTagSize);
        must(final ? sealer.seal_final(plain, sealed.span()) : sealer.seal(plain, sealed.span()));
        out.emplace_back(sealed, final);
    }
    return out;
}

Value chunks_to_json(const Chunks& plain, const Chunks& sealed) {
    Value list = Value::array();
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Value& chunk = list.push(Value::object());
        put(chunk, "plaintext", plain[i].first);
        put(chunk, "sealed", sealed[i].first);
    }
    return list;
}

void put_keys(Value& object, std::string_view direction, const crypto::StreamKeys& keys) {
    put(object, std::string(direction) + "_key", keys.key);
    put(object, std::string(direction) + "_nonce", keys.base_nonce);
}

// A call of our sealer: data, or so many bytes of padding.
struct Call {
    std::string data;
    std::size_t padding = 0;
};

struct Plan {
    std::string name;
    hpke::Suite suite;
    std::size_t candidates;
    CellMode cell_mode;
    std::uint8_t size_class;
    std::vector<Call> calls;
    std::string last;
    SnapshotHash snapshot = {};
};

struct Node {
    Bytes ikm;
    hpke::PrivateKey key;
    StatementName statement;
    KeyConfig config(const hpke::Suite& suite) const { return {key.public_key(), {{suite.kdf, suite.aead}}}; }
};

Node make_node(const hpke::Suite& suite) {
    Bytes ikm = g_random.draw();
    auto key = must(hpke::PrivateKey::derive(suite.kem, ikm));
    return {std::move(ikm), std::move(key), g_random.array<StatementName>()};
}

// One request and the answers of its candidates.
class Exchange {
  public:
    explicit Exchange(const Plan& plan) : suite(plan.suite) {
        for (std::size_t i = 0; i < plan.candidates; ++i) nodes.push_back(make_node(suite));
        std::vector<Candidate> candidates;
        for (const Node& node : nodes) candidates.push_back({node.config(suite), node.statement});
        g_random.drawn();
        auto sealer =
            must(RequestSealer::make(candidates, {suite, plan.snapshot, plan.cell_mode, plan.size_class}, g_random));
        const std::vector<Bytes> drawn = g_random.drawn();
        secret = drawn.at(0);
        for (const Call& call : plan.calls)
            must(call.padding > 0 ? sealer.padding(call.padding, stream) : sealer.data(as_bytes(call.data), stream));
        wire::Reader in(sealer.header());
        header = must(FullHeader::read(in));
        must(std::move(sealer).end(as_bytes(plan.last), stream));
        keys = derive_keys(suite.aead, secret, header.hash(), "request");

        out.set("name", Value::string(plan.name));
        for (const auto& [name, value] : {std::pair{"kem", static_cast<int>(suite.kem)},
                                          {"kdf", static_cast<int>(suite.kdf)},
                                          {"aead", static_cast<int>(suite.aead)},
                                          {"cell_mode", static_cast<int>(plan.cell_mode)},
                                          {"size_class", static_cast<int>(plan.size_class)}})
            out.set(name, Value::integer(value));
        put(out, "snapshot", plan.snapshot);
        put(out, "secret", secret);
        wire::Writer common;
        header.common.write(common);
        put(out, "common", common.view());
        Value& list = out.set("candidates", Value::array());
        for (std::size_t i = 0; i < nodes.size(); ++i) put_candidate(list.push(Value::object()), i, drawn.at(i + 1));
        put(out, "header", header.encode());
        put(out, "header_hash", header.hash());
        put_keys(out, "request", keys);
        put_calls(plan);
        const Chunks sealed = cut(stream);
        out.set("chunks", chunks_to_json(open_all(suite.aead, keys, sealed), sealed));
        TranscriptHash hash(header.hash());
        for (const auto& [bytes, final] : sealed) hash.chunk(bytes, final);
        transcript = std::move(hash).finish();
        put(out, "transcript", transcript);
        put(out, "request", concat(header.encode(), stream));
        out.set("answers", Value::array());
    }

    // answer adds one with these chunks; the last is final.
    Bytes answer(std::size_t candidate, const std::vector<Bytes>& plains, const End& end) {
        Gather got;
        auto opener = open(candidate, got);
        const ResponseNonce nonce = std::move(opener).respond(g_random).header();
        Value& answer = out.get("answers")->push(Value::object());
        answer.set("candidate", Value::integer(static_cast<std::int64_t>(candidate)));
        put(answer, "nonce", nonce);
        const auto response_keys = keys_for(candidate, nonce);
        put(answer, "salt", response_salt(transcript, nonce));
        put_keys(answer, "response", response_keys);
        const Chunks sealed = seal_all(suite.aead, response_keys, plains);
        answer.set("chunks", chunks_to_json(open_all(suite.aead, response_keys, sealed), sealed));
        Bytes wire = concat(nonce, join(sealed));
        put(answer, "answer", wire);
        answer.set("outcome", Value::integer(static_cast<int>(end.outcome)));
        answer.set("cell_mode", Value::integer(static_cast<int>(end.cell_mode)));
        put(answer, "receipt", end.receipt);
        return wire;
    }

    crypto::StreamKeys keys_for(std::size_t candidate, const ResponseNonce& nonce) const {
        const Bytes salt = response_salt(transcript, nonce);
        return unwrapped(candidate).response.with(
            [&](ByteView view) { return derive_keys(suite.aead, view, salt, "response"); });
    }
    Bytes reduced(std::size_t candidate) const { return header.reduce(candidate); }

    hpke::Suite suite;
    std::vector<Node> nodes;
    Bytes secret;
    FullHeader header;
    Bytes stream;
    crypto::StreamKeys keys;
    Transcript transcript;
    Value out = Value::object();

  private:
    ReducedHeader read_reduced(std::size_t candidate) const {
        const Bytes bytes = header.reduce(candidate);
        wire::Reader in(bytes);
        return must(ReducedHeader::read(in));
    }
    Unwrapped unwrapped(std::size_t candidate) const {
        return must(unwrap(read_reduced(candidate), nodes[candidate].key, nodes[candidate].statement));
    }
    RequestOpener open(std::size_t candidate, Gather& sink) const {
        RequestOpener opener(read_reduced(candidate), unwrapped(candidate));
        must(opener.update(stream, sink));
        must(opener.finish(sink));
        return opener;
    }
    void put_candidate(Value& to, std::size_t i, ByteView ephemeral) const {
        const Node& node = nodes[i];
        const Entry& entry = header.entries[i];
        put(to, "ikm", node.ikm);
        put(to, "public_key", node.key.public_key().bytes());
        put(to, "key_id", entry.key_id);
        put(to, "statement_name", node.statement);
        put(to, "ephemeral", ephemeral);
        put(to, "info", header.common.wrap_info(node.statement));
        put(to, "enc", entry.enc);
        put(to, "wrapped", entry.wrapped);
        put(to, "entry_hash", entry.hash());
        put(to, "reduced_header", header.reduce(i));
        unwrapped(i).response.with([&](ByteView view) { put(to, "response_secret", view); });
    }
    void put_calls(const Plan& plan) {
        Value& calls = out.set("calls", Value::array());
        for (const Call& call : plan.calls) {
            Value& one = calls.push(Value::object());
            if (call.padding > 0)
                one.set("padding", Value::integer(static_cast<std::int64_t>(call.padding)));
            else
                put(one, "data", as_bytes(call.data));
        }
        put(calls.push(Value::object()), "last", as_bytes(plan.last));
        put(out, "data", [&] {
            Gather got;
            open(0, got);
            return got.text;
        }());
    }
};

Bytes flipped(Bytes bytes, std::size_t at, std::uint8_t mask = 1) {
    bytes[at] ^= mask;
    return bytes;
}
Bytes replaced(Bytes bytes, std::size_t at, std::initializer_list<std::uint8_t> with) {
    for (const std::uint8_t byte : with) bytes[at++] = byte;
    return bytes;
}

// Spoils a stream of chunks in every way that does not need the keys. `cut` is the paragraph for one that ends early,
// `first` the one for a first chunk that does not open.
using Refusal = std::function<void(std::string_view name, std::string_view paragraph, Bytes stream)>;
void spoil_chunks(ByteView stream, std::string_view cut_short, std::string_view first, const Refusal& refuse) {
    const Chunks good = cut(stream);
    Chunks bad = good;
    bad[0].first = flipped(bad[0].first, 0);
    refuse("a bit of the first chunk", first, join(bad));
    bad = good;
    bad[1].first = flipped(bad[1].first, bad[1].first.size() - 1, 0x80);
    refuse("a bit of a later chunk's tag", "5.3", join(bad));
    bad = good;
    std::swap(bad[0], bad[1]);
    refuse("reordered", first, join(bad));
    refuse("first chunk left out", first, join({good.begin() + 1, good.end()}));
    bad = good;
    bad.insert(bad.begin(), bad[0]);
    refuse("first chunk twice", "5.3", join(bad));
    bad = good;
    bad.pop_back();
    refuse("cut before the final chunk", cut_short, join(bad));
    bad.back().second = true;
    refuse("another chunk as the final one", "5.3", join(bad));
    bad = good;
    bad.back().second = false;
    refuse("the final chunk as another", "5.3", join(bad));
    refuse("the last byte missing", "5.3", Bytes(stream.first(stream.size() - 1)));
    refuse("a byte more", "5.3", concat(stream, Bytes{0}));
    refuse("nothing", cut_short, {});
    refuse("a length and no chunk", cut_short, Bytes{20});
    refuse("a final chunk shorter than a tag", first, concat(Bytes{0}, Bytes(15)));
    refuse("a length of 16401", "1.5", concat(Bytes{0x80, 0, 0x40, 0x11}, Bytes(4)));
    refuse("a length of 2^62-1", "1.5", Bytes{255, 255, 255, 255, 255, 255, 255, 255});
}

// The same with the keys: records that are not right. `end` is a good end record.
void spoil_records(ByteView end, const std::vector<Bytes>& bad_ends,
                   const std::function<void(std::string_view, std::string_view, const std::vector<Bytes>&)>& refuse) {
    const Bytes good_end(end);
    refuse("a chunk without a record", "6.1", {{}, good_end});
    refuse("a final chunk without a record", "6.1", {Bytes{}});
    refuse("a record longer than its chunk", "6.1", {Bytes{1, 0, 0, 2, 'a'}, good_end});
    refuse("a record cut in its head", "6.1", {Bytes{1, 0, 0}, good_end});
    refuse("a record across two chunks", "6.1", {Bytes{1, 0, 0, 2, 'a'}, concat(Bytes{'b'}, end)});
    refuse("a data record without data", "6.2", {data_record(""), good_end});
    refuse("an unknown record", "6.2", {Bytes{3, 0, 0, 0}, good_end});
    refuse("padding that is not zero", "6.2", {Bytes{0, 0, 0, 2, 0, 1}, good_end});
    refuse("no end record", "6.3", {data_record("a")});
    refuse("an end record before the final chunk", "6.3", {good_end, good_end});
    refuse("two end records", "6.3", {concat(end, end)});
    refuse("data after the end record", "6.3", {concat(end, data_record("a"))});
    refuse("padding after the end record", "6.3", {concat(end, Bytes{0, 0, 0, 0})});
    for (const Bytes& body : bad_ends)
        refuse("an end record with the body '" + to_hex(body) + "'", "6.4",
               {data_record("a"), record(RecordType::kEnd, body)});
}

class Refusals {
  public:
    Value list = Value::array();

    Value& add(std::string_view side, std::string_view name, std::string_view paragraph) {
        Value& one = list.push(Value::object());
        one.set("name", Value::string(name));
        one.set("paragraph", Value::string("seal-" + std::string(paragraph)));
        one.set("side", Value::string(side));
        return one;
    }
    void gateway(std::string_view name, std::string_view paragraph, ByteView header) {
        put(add("gateway", name, paragraph), "header", header);
    }
    void node(std::string_view name, std::string_view paragraph, ByteView stream, ByteView statement = {}) {
        Value& one = add("node", name, paragraph);
        put(one, "request", stream);
        if (!statement.empty()) put(one, "statement_name", statement);
    }
    void client(std::string_view name, std::string_view paragraph, ByteView answer) {
        put(add("client", name, paragraph), "answer", answer);
    }
};

constexpr std::size_t kCount = 42;  // where the count is, in both headers

void refuse_headers(Refusals& to, const Exchange& base) {
    const Bytes full = base.header.encode();
    to.gateway("reduced form", "3.3", base.reduced(0));
    to.gateway("version 2", "3.1", replaced(full, 1, {2}));
    to.gateway("unknown KEM", "3.1", replaced(full, 2, {0, 0x21}));
    to.gateway("HKDF-SHA512", "3.1", replaced(full, 4, {0, 3}));
    to.gateway("export-only AEAD", "3.1", replaced(full, 6, {0xff, 0xff}));
    to.gateway("unknown cell mode", "3.1", replaced(full, 40, {3}));
    to.gateway("no candidate", "1.5", replaced(full, kCount, {0}));
    to.gateway("nine candidates", "1.5", replaced(full, kCount, {9}));
    to.gateway("cut", "3.3", full.view().first(full.size() - 1));
    const std::size_t enc_at = kCount + 1 + 16;
    to.gateway(
        "enc of 31 bytes", "3.2",
        concat(replaced(Bytes(full.view().first(enc_at + 33)), enc_at, {0, 31}), full.view().subspan(enc_at + 34)));
    const std::size_t wrapped_at = enc_at + 34;
    to.gateway("wrap of 47 bytes", "3.2",
               concat(replaced(Bytes(full.view().first(wrapped_at + 49)), wrapped_at, {0, 47}),
                      full.view().subspan(wrapped_at + 50)));
    FullHeader twice = base.header;
    twice.entries[1].key_id = twice.entries[0].key_id;
    to.gateway("one key twice", "3.3", twice.encode());
}

// Candidate 1 of 3 is the node.
void refuse_requests(Refusals& to, const Exchange& base) {
    const Bytes head = base.reduced(1);
    const std::size_t others_at = head.size() - 64;
    const auto with = [&](ByteView other_head) { return concat(other_head, base.stream); };
    to.node("full form", "3.4", with(base.header.encode()));
    to.node("version 0", "3.1", with(replaced(head, 1, {0})));
    to.node("unknown cell mode", "3.1", with(replaced(head, 40, {255})));
    to.node("no candidate", "1.5", with(replaced(head, kCount, {0})));
    to.node("nine candidates", "1.5", with(replaced(head, kCount, {9})));
    to.node("index equal to count", "3.4", with(replaced(head, kCount + 1, {3})));
    to.node("cut in the header", "3.4", head.view().first(head.size() - 1));
    to.node("the key of another", "7.1", with(base.reduced(0)));
    to.node("another snapshot", "3.1", with(flipped(head, 8)));
    to.node("another statement", "4.1", with(head), base.nodes[0].statement);
    to.node("a bit of enc", "4.1", with(flipped(head, kCount + 2 + 16 + 2)));
    to.node("a bit of the wrap", "4.1", with(flipped(head, others_at - 1)));
    to.node("another cell mode", "4.1", with(replaced(head, 40, {0})));
    to.node("another size class", "4.1", with(flipped(head, 41)));
    to.node("another index", "5.3", with(replaced(head, kCount + 1, {0})));
    to.node("a bit of another's hash", "5.3", with(flipped(head, others_at)));
    to.node("others swapped", "5.3",
            with(concat(head.view().first(others_at), head.view().subspan(others_at + 32),
                        head.view().subspan(others_at, 32))));
    to.node("one other left out", "5.3", with(replaced(Bytes(head.view().first(others_at + 32)), kCount, {2})));
    spoil_chunks(base.stream, "5.1", "5.3", [&](std::string_view name, std::string_view paragraph, ByteView stream) {
        to.node(name, paragraph, concat(head, stream));
    });
    spoil_records(record(RecordType::kEnd, {}), {Bytes{0}, Bytes{0, 0, 0, 0}},
                  [&](std::string_view name, std::string_view paragraph, const std::vector<Bytes>& plains) {
                      to.node(name, paragraph, concat(head, join(seal_all(base.suite.aead, base.keys, plains))));
                  });
}

void refuse_answers(Refusals& to, const Exchange& base, ByteView answer, const Exchange& other) {
    const ResponseNonce nonce = ResponseNonce::from_view(answer.first(32));
    to.client("a bit of the nonce", "5.5", flipped(Bytes(answer), 31));
    to.client("cut in the nonce", "7.4", answer.first(31));
    const auto foreign = [&](const crypto::StreamKeys& keys) {
        return concat(
            nonce, join(seal_all(base.suite.aead, keys, {data_record("a"), record(RecordType::kEnd, End{}.encode())})));
    };
    to.client("made for another request", "5.5", foreign(other.keys_for(0, nonce)));
    to.client("made with the request keys", "5.5", foreign(base.keys));
    spoil_chunks(answer.subspan(32), "7.4", "5.5",
                 [&](std::string_view name, std::string_view paragraph, ByteView stream) {
                     to.client(name, paragraph, concat(nonce, stream));
                 });
    spoil_records(
        record(RecordType::kEnd, End{}.encode()),
        {Bytes{}, Bytes{0, 0, 0}, Bytes{3, 0, 0, 0}, Bytes{0, 3, 0, 0}, Bytes{0, 0, 0, 1}, Bytes{0, 0, 0, 0, 0}},
        [&](std::string_view name, std::string_view paragraph, const std::vector<Bytes>& plains) {
            to.client(name, paragraph, concat(nonce, join(seal_all(base.suite.aead, base.keys_for(1, nonce), plains))));
        });
}

// Objects and lists of objects go over several lines, everything else stays on one.
void print(const Value& value, std::string& out, std::size_t depth) {
    const auto line = [&](bool first) { out.append(first ? "\n" : ",\n").append(depth + 1, ' '); };
    if (value.is_object()) {
        out += '{';
        for (const auto& member : value.members()) {
            line(&member == &value.members().front());
            out += '"' + member.first + "\": ";
            print(member.second, out, depth + 1);
        }
        out.append("\n").append(depth, ' ').append("}");
    } else if (value.is_array() && !value.elements().empty()) {
        out += '[';
        for (const Value& element : value.elements()) {
            line(&element == &value.elements().front());
            print(element, out, depth + 1);
        }
        out.append("\n").append(depth, ' ').append("]");
    } else {
        out += value.to_text();
    }
}

Value make() {
    using enum CellMode;
    constexpr auto kKdf = hpke::Kdf::kHkdfSha256;
    const std::vector<Call> calls = {{"POST "}, {"/v1/chat"}, {{}, 9}};
    const std::vector<Plan> plans = {
        {"X25519, AES-256-GCM, three candidates",
         {hpke::Kem::kX25519, kKdf, hpke::Aead::kAes256Gcm},
         3,
         kBatched,
         0,
         calls,
         "!"},
        {"X25519, ChaCha20-Poly1305, two candidates",
         {hpke::Kem::kX25519, kKdf, hpke::Aead::kChaCha20Poly1305},
         2,
         kOff,
         0,
         {},
         "all at the end"},
        {"X25519, AES-128-GCM, one candidate",
         {hpke::Kem::kX25519, kKdf, hpke::Aead::kAes128Gcm},
         1,
         kStrict,
         255,
         calls,
         ""},
        {"P-256, AES-256-GCM, two candidates",
         {hpke::Kem::kP256, kKdf, hpke::Aead::kAes256Gcm},
         2,
         kOff,
         4,
         calls,
         "!"},
        {"P-256, ChaCha20-Poly1305, eight candidates",
         {hpke::Kem::kP256, kKdf, hpke::Aead::kChaCha20Poly1305},
         8,
         kOff,
         0,
         {{"a"}},
         "b"},
        {"P-256, AES-128-GCM, one candidate",
         {hpke::Kem::kP256, kKdf, hpke::Aead::kAes128Gcm},
         1,
         kOff,
         0,
         {{{}, 1}},
         "a"},
        {"chunks as long as they may be",
         {hpke::Kem::kX25519, kKdf, hpke::Aead::kAes256Gcm},
         1,
         kOff,
         0,
         {{std::string(16381, 'x')}},
         ""},
        {"no data at all", {hpke::Kem::kX25519, kKdf, hpke::Aead::kAes256Gcm}, 1, kOff, 0, {}, ""},
        {"a snapshot",
         {hpke::Kem::kX25519, kKdf, hpke::Aead::kAes256Gcm},
         1,
         kOff,
         0,
         {},
         "a",
         SnapshotHash::from_view(Bytes{1, 2, 3})},
    };
    std::vector<Exchange> exchanges;
    for (const Plan& plan : plans) exchanges.emplace_back(plan);
    Exchange& base = exchanges[0];

    const auto end_record = [](const End& end) { return record(RecordType::kEnd, end.encode()); };
    Bytes answer_of_base;
    for (std::size_t i = 0; i < exchanges.size(); ++i)
        for (std::size_t candidate = 0; candidate < exchanges[i].nodes.size(); ++candidate) {
            const End end{static_cast<Outcome>(candidate % 3), static_cast<CellMode>(i % 3),
                          candidate == 1 ? Bytes{7, 7} : Bytes{}};
            Bytes answer = exchanges[i].answer(
                candidate,
                {data_record("200 "), concat(data_record("o"), Bytes{0, 0, 0, 0}, data_record("k")), end_record(end)},
                end);
            if (i == 0 && candidate == 1) answer_of_base = answer;
        }
    base.answer(2, {end_record({})}, {});  // one chunk, which is the final one
    base.answer(2, {Bytes{0, 0, 0, 3, 0, 0, 0}, concat(data_record("a"), end_record({}))}, {});  // padding first

    Refusals refusals;
    refuse_headers(refusals, base);
    refuse_requests(refusals, base);
    refuse_answers(refusals, base, answer_of_base, exchanges[7]);

    Value out = Value::object();
    out.set("about",
            Value::string(
                "Test vectors for docs/protocol/seal.md, made by tests/vectors/make/seal.cpp. Bytes are in "
                "hexadecimal. A candidate's "
                "key is DeriveKeyPair(ikm) (RFC 9180 section 7.1.3). `ephemeral` is HPKE's ephemeral private key "
                "itself for X25519, "
                "and for P-256 the input of DeriveKeyPair. `calls` is how our sealer was called. Refusals are to be "
                "refused by the "
                "side named (a gateway reads a full header, a node a request as the gateway forwards it, a client an "
                "answer); node "
                "and client are candidate 1 and the client of the first exchange, and that node knows no snapshot."));
    Value& list = out.set("exchanges", Value::array());
    for (Exchange& exchange : exchanges) list.push(std::move(exchange.out));
    out.set("refusals", std::move(refusals.list));
    return out;
}

}  // namespace
}  // namespace openpcc::seal

int main() {
    try {
        std::string text;
        openpcc::seal::print(openpcc::seal::make(), text, 0);
        std::printf("%s\n", text.c_str());
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make_seal_vectors: %s\n", error.what());
        return 1;
    }
}
