// SPDX-License-Identifier: Apache-2.0
// Our seal behind the line protocol of tests/interop/seal_exchange.py: one command a line on standard input, one answer
// a line on standard output. Keys come from DeriveKeyPair, so that both sides have the same.
#include <charconv>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "protocol/seal/errors.hpp"
#include "protocol/seal/opening/opening.hpp"
#include "protocol/seal/sealing/sealing.hpp"

namespace openpcc::seal {
namespace {

using Words = std::vector<std::string>;

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(std::string(result.error().name()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Words split(std::string_view text, char mark) {
    Words out(1);
    for (const char c : text) {
        if (c == mark)
            out.emplace_back();
        else
            out.back().push_back(c);
    }
    return out;
}

Bytes unhex(const std::string& text) { return text == "-" ? Bytes() : must(from_hex(text)); }
std::string hex(ByteView bytes) { return bytes.empty() ? "-" : to_hex(bytes); }

std::uint16_t number(const std::string& text, int base = 10) {
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, base);
    return value;
}

hpke::Suite suite_of(const std::string& kem, const std::string& aead) {
    return {static_cast<hpke::Kem>(number(kem, 16)), hpke::Kdf::kHkdfSha256, static_cast<hpke::Aead>(number(aead, 16))};
}

class Gather final : public RecordSink {
  public:
    Result<void> data(ByteView bytes) override {
        plain.append(bytes);
        return {};
    }
    Result<void> end(ByteView body) override {
        end_body = Bytes(body);
        return {};
    }
    Bytes plain;
    Bytes end_body;
};

// Calls fn with pieces of the sizes asked for, the last size repeated.
template <class Fn>
void in_pieces(const std::string& sizes, ByteView stream, Fn fn) {
    const Words list = split(sizes, ',');
    for (std::size_t turn = 0; !stream.empty(); ++turn) {
        const std::size_t wanted = std::max<std::size_t>(1, number(list[std::min(turn, list.size() - 1)]));
        fn(stream.first(std::min(stream.size(), wanted)));
        stream = stream.subspan(std::min(stream.size(), wanted));
    }
}

// PIECES are separated by commas: dHEX is data, pNUMBER is padding.
template <class Sealer>
void write_pieces(const std::string& pieces, Sealer& sealer, Bytes& out) {
    for (const std::string& piece : split(pieces, ',')) {
        if (piece.starts_with('d')) must(sealer.data(unhex(piece.substr(1)), out));
        if (piece.starts_with('p')) must(sealer.padding(number(piece.substr(1)), out));
    }
}

// One side of one exchange at a time.
class Peer {
  public:
    std::string run(const Words& words) {
        const std::string& command = words.at(0);
        if (command == "key") return key(words);
        if (command == "request") return request(words);
        if (command == "answer") return answer(words);
        if (command == "reduce") return reduce(words);
        if (command == "open") return open(words);
        if (command == "respond") return respond(words);
        throw std::runtime_error("no such command");
    }

  private:
    static hpke::PrivateKey derive(const std::string& kem, const std::string& ikm) {
        return must(hpke::PrivateKey::derive(static_cast<hpke::Kem>(number(kem, 16)), unhex(ikm)));
    }
    // key KEM IKM: public key and key id.
    static std::string key(const Words& words) {
        const KeyConfig config{derive(words.at(1), words.at(2)).public_key(), {}};
        return hex(config.key.bytes()) + " " + hex(config.id());
    }
    // request KEM AEAD MODE SIZE_CLASS PUBLIC_KEYS STATEMENTS PIECES LAST: the request.
    std::string request(const Words& words) {
        const hpke::Suite suite = suite_of(words.at(1), words.at(2));
        const Words keys = split(words.at(5), ',');
        const Words statements = split(words.at(6), ',');
        std::vector<Candidate> candidates;
        for (std::size_t i = 0; i < keys.size(); ++i)
            candidates.push_back({{must(hpke::PublicKey::parse(suite.kem, unhex(keys[i]))), {{suite.kdf, suite.aead}}},
                                  StatementName::from_view(unhex(statements.at(i)))});
        const Options options{
            suite, {}, static_cast<CellMode>(number(words.at(3))), static_cast<std::uint8_t>(number(words.at(4)))};
        auto sealer = must(RequestSealer::make(candidates, options, random_));
        Bytes out = sealer.header();
        write_pieces(words.at(7), sealer, out);
        client_.emplace(must(std::move(sealer).end(unhex(words.at(8)), out)));
        return hex(out);
    }
    // answer SIZES ANSWER, after request: candidate, outcome, cell mode, receipt, data.
    std::string answer(const Words& words) {
        auto opener = std::exchange(client_, std::nullopt);
        if (!opener) throw std::runtime_error("no request");
        Gather got;
        in_pieces(words.at(1), unhex(words.at(2)), [&](ByteView piece) { must(opener->update(piece, got)); });
        must(opener->finish(got));
        const End end = must(End::parse(got.end_body));
        return std::to_string(opener->answered_by().value()) + " " + std::to_string(static_cast<int>(end.outcome)) +
               " " + std::to_string(static_cast<int>(end.cell_mode)) + " " + hex(end.receipt) + " " + hex(got.plain);
    }
    // reduce INDEX REQUEST: what a gateway forwards.
    static std::string reduce(const Words& words) {
        HeaderReader<FullHeader> reader;
        if (!must(reader.update(unhex(words.at(2))))) throw std::runtime_error("cut");
        return hex(concat(reader.header().reduce(number(words.at(1))), reader.rest()));
    }
    // open KEM IKM STATEMENT SIZES REQUEST: the data.
    std::string open(const Words& words) {
        const hpke::PrivateKey key = derive(words.at(1), words.at(2));
        HeaderReader<ReducedHeader> reader;
        std::optional<RequestOpener> opener;
        Gather got;
        in_pieces(words.at(4), unhex(words.at(5)), [&](ByteView piece) {
            if (opener) return must(opener->update(piece, got));
            if (!must(reader.update(piece))) return;
            const ReducedHeader& header = reader.header();
            if (header.entry.key_id != KeyConfig{key.public_key(), {}}.id()) must<void>(fail(kUnknownKey));
            auto unwrapped = must(unwrap(header, key, StatementName::from_view(unhex(words.at(3)))));
            opener.emplace(header, std::move(unwrapped));
            must(opener->update(reader.rest(), got));
        });
        if (!opener) throw std::runtime_error("cut");
        must(opener->finish(got));
        if (!got.end_body.empty()) must<void>(fail(kBadRecord));  // hops/node does this
        node_ = std::move(opener);
        return hex(got.plain);
    }
    // respond OUTCOME MODE RECEIPT PIECES, after open: the answer.
    std::string respond(const Words& words) {
        auto opener = std::exchange(node_, std::nullopt);
        if (!opener) throw std::runtime_error("no request");
        ResponseSealer sealer = std::move(*opener).respond(random_);
        Bytes out(sealer.header());
        write_pieces(words.at(4), sealer, out);
        must(sealer.end(
            {static_cast<Outcome>(number(words.at(1))), static_cast<CellMode>(number(words.at(2))), unhex(words.at(3))},
            out));
        return hex(out);
    }

    crypto::SystemRandom random_;
    std::optional<ResponseOpener> client_;
    std::optional<RequestOpener> node_;
};

}  // namespace
}  // namespace openpcc::seal

int main() {
    openpcc::seal::Peer peer;
    for (std::string line; std::getline(std::cin, line);) {
        try {
            const std::string answer = peer.run(openpcc::seal::split(line, ' '));
            std::cout << "ok " << answer << std::endl;
        } catch (const std::exception& error) {
            std::cout << "error " << error.what() << std::endl;
        }
    }
}
