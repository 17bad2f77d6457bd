// SPDX-License-Identifier: Apache-2.0
// Our codecs behind the line protocol of tests/interop/ohttp_exchange.py: one command a line on standard input, one
// answer a line on standard output. Keys come from DeriveKeyPair, so that every peer has the same.
#include <charconv>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/ohttp/one_shot.hpp"

namespace openpcc {
namespace {

using Words = std::vector<std::string>;
// What is left to do after a request: to open, or to make, its answer.
using Next = std::function<Bytes(const Words&)>;

constexpr std::uint8_t kKeyId = 7;

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

std::vector<Bytes> unhex_all(const std::string& list) {
    std::vector<Bytes> out;
    for (const std::string& text : split(list, ',')) out.push_back(unhex(text));
    return out;
}

std::uint16_t code_point(const std::string& text) {
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, 16);
    return value;
}

// The gateway's key, remade for every command.
class Gateway final : public ohttp::KeySource {
  public:
    Gateway(const std::string& kem, const std::string& aead, const std::string& ikm)
        : key_(make(must(hpke::PrivateKey::derive(static_cast<hpke::Kem>(code_point(kem)), unhex(ikm))),
                    static_cast<hpke::Aead>(code_point(aead)))) {}

    const ohttp::GatewayKey* find(std::uint8_t key_id) const override { return key_id == kKeyId ? &key_ : nullptr; }
    bool admit(std::uint8_t, ByteView) override { return true; }
    const ohttp::KeyConfig& config() const { return key_.config; }

  private:
    static ohttp::GatewayKey make(hpke::PrivateKey key, hpke::Aead aead) {
        ohttp::KeyConfig config{.key_id = kKeyId, .key = key.public_key(), .suites = {{hpke::Kdf::kHkdfSha256, aead}}};
        return {std::move(config), std::move(key)};
    }
    ohttp::GatewayKey key_;
};

// Feeds a stream in pieces of the sizes asked for, the last size repeated.
template <class Opener>
Bytes read_all(Opener& opener, const std::string& sizes, ByteView stream) {
    Bytes out;
    const ohttp::Deliver deliver = [&](ByteView bytes) -> Result<void> {
        out.append(bytes);
        return {};
    };
    const Words list = split(sizes, ',');
    for (std::size_t turn = 0; !stream.empty(); ++turn) {
        const std::size_t wanted = std::stoul(list[std::min(turn, list.size() - 1)]);
        const ByteView piece = stream.first(std::min(stream.size(), std::max<std::size_t>(1, wanted)));
        must(opener.update(piece, deliver));
        stream = stream.subspan(piece.size());
    }
    must(opener.finish(deliver));
    return out;
}

Bytes copy(const Plaintext& plaintext) {
    return plaintext.with([](ByteView view) { return Bytes(view); });
}

Bytes request(const Words& words, Next& next) {
    crypto::SystemRandom random;
    const auto [config, suite] = must(ohttp::choose(must(ohttp::parse_key_configs(unhex(words.at(2))))));
    const std::vector<Bytes> chunks = unhex_all(words.at(3));
    if (words.at(1) == "whole") {
        auto sealed = must(ohttp::seal_request(config, suite, chunks.at(0), random));
        next = [answer = std::make_shared<ohttp::ResponseSecret>(std::move(sealed.answer))](const Words& more) {
            return copy(must(ohttp::open_response(std::move(*answer), unhex(more.at(2)))));
        };
        return sealed.message;
    }
    auto sealer = must(ohttp::RequestSealer::make(config, suite, random));
    Bytes out = sealer.header();
    for (std::size_t i = 0; i + 1 < chunks.size(); ++i) must(sealer.seal(chunks[i], out));
    auto opener = must(std::move(sealer).seal_final(chunks.back(), out));
    next = [kept = std::make_shared<ohttp::ResponseOpener>(std::move(opener))](const Words& more) {
        return read_all(*kept, more.at(1), unhex(more.at(2)));
    };
    return out;
}

Bytes open(const Words& words, Next& next) {
    const auto gateway = std::make_shared<Gateway>(words.at(2), words.at(3), words.at(4));
    const Bytes message = unhex(words.at(6));
    if (words.at(1) == "whole") {
        auto opened = must(ohttp::open_request(*gateway, message));
        next = [answer = std::make_shared<ohttp::ResponseSecret>(std::move(opened.answer))](const Words& more) {
            crypto::SystemRandom random;
            return ohttp::seal_response(std::move(*answer), unhex(more.at(1)), random);
        };
        return copy(opened.plaintext);
    }
    const auto opener = std::make_shared<ohttp::RequestOpener>(*gateway);
    const Bytes plain = read_all(*opener, words.at(5), message);
    next = [gateway, opener](const Words& more) {
        crypto::SystemRandom random;
        auto sealer = must(opener->respond(random));
        Bytes out = sealer.header();
        const std::vector<Bytes> chunks = unhex_all(more.at(1));
        for (std::size_t i = 0; i + 1 < chunks.size(); ++i) must(sealer.seal(chunks[i], out));
        must(sealer.seal_final(chunks.back(), out));
        return out;
    };
    return plain;
}

Bytes rewrite_request(const bhttp::Request& message) {
    Bytes out = bhttp::encode_request_head(message.head);
    if (!message.content.empty()) out.append(concat(bhttp::content_prefix(message.content.size()), message.content));
    out.append(bhttp::encode_end(message.trailers));
    return out;
}

Bytes rewrite_response(const bhttp::Response& message) {
    Bytes out = bhttp::encode_response_start();
    for (const auto& head : message.informational) out.append(bhttp::encode_informational(head));
    out.append(bhttp::encode_final_head(message.head));
    if (!message.content.empty()) out.append(concat(bhttp::content_prefix(message.content.size()), message.content));
    out.append(bhttp::encode_end(message.trailers));
    return out;
}

// Reads a message in either framing and writes it in the one asked for.
Bytes rewrite(const Words& words) {
    const Bytes message = unhex(words.at(2));
    const bool known = words.at(1) == "known";
    if (!message.empty() && message[0] % 2 == 0) {
        const auto read = must(bhttp::decode_request(message, {}));
        return known ? bhttp::encode(read) : rewrite_request(read);
    }
    const auto read = must(bhttp::decode_response(message, {}));
    return known ? bhttp::encode(read) : rewrite_response(read);
}

Bytes kems() { return hpke::have_ml_kem() ? Bytes{0x00, 0x10, 0x00, 0x20, 0x64, 0x7a} : Bytes{0x00, 0x10, 0x00, 0x20}; }

Bytes run(const Words& words, Next& next) {
    const std::string& command = words.at(0);
    if (command == "kems") return kems();
    if (command == "config")
        return ohttp::encode_key_configs({Gateway(words.at(1), words.at(2), words.at(3)).config()});
    if (command == "bhttp") return rewrite(words);
    if (command == "request") return request(words, next);
    if (command == "open") return open(words, next);
    if ((command == "answer" || command == "respond") && next) return std::exchange(next, nullptr)(words);
    throw std::runtime_error("no such command, or out of order");
}

}  // namespace
}  // namespace openpcc

int main() {
    openpcc::Next next;
    for (std::string line; std::getline(std::cin, line);) {
        try {
            const openpcc::Bytes answer = openpcc::run(openpcc::split(line, ' '), next);
            std::cout << "ok " << (answer.empty() ? "-" : openpcc::to_hex(answer)) << std::endl;
        } catch (const std::exception& error) {
            std::cout << "error " << error.what() << std::endl;
        }
    }
}
