// SPDX-License-Identifier: Apache-2.0
// What the openers refuse: every cut, every flipped bit, and all that a peer may do wrong on purpose.
#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "protocol/ohttp/chunked.hpp"
#include "protocol/ohttp/test_keys.hpp"

namespace openpcc::ohttp {
namespace {

constexpr SymmetricSuite kAes128{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm};
constexpr SymmetricSuite kChaCha{hpke::Kdf::kHkdfSha256, hpke::Aead::kChaCha20Poly1305};

// A request and its answer of three chunks each ("one", "two", "end"), and what is needed to open them again.
struct Exchange {
    Exchange() : keys(hpke::PrivateKey::generate(hpke::Kem::kX25519, random).value(), 7, {kAes128}) {
        Outgoing outgoing = start_request_with(Form::kChunked, keys.config(), kAes128, ephemeral).value();
        secret = ResponseSecret::from(Form::kChunked, outgoing.context, kAes128, outgoing.enc);
        auto sealer = RequestSealer::make_with(keys.config(), kAes128, ephemeral).value();
        request = sealer.header();
        header_size = request.size();
        EXPECT_TRUE(sealer.seal(as_bytes("one"), request) && sealer.seal(as_bytes("two"), request));
        EXPECT_TRUE(std::move(sealer).seal_final(as_bytes("end"), request));

        RequestOpener opener(keys);
        EXPECT_EQ(feed(opener, request, {1000}), (Heard{"", to_bytes("onetwoend")}));
        auto answer = opener.respond(random).value();
        response = answer.header();
        EXPECT_TRUE(answer.seal(as_bytes("one"), response) && answer.seal(as_bytes("two"), response));
        EXPECT_TRUE(answer.seal_final(as_bytes("end"), response));
    }
    ResponseOpener client() const {
        return ResponseOpener(
            ResponseSecret{.suite = secret.suite, .enc = secret.enc, .secret = secret.secret.clone()});
    }
    Heard hear_request(ByteView stream, std::size_t piece = 1000) {
        RequestOpener opener(keys);
        Heard heard = feed(opener, stream, {piece});
        EXPECT_EQ(opener.complete(), heard.error.empty());
        // Dead is dead.
        const Deliver deliver = [](ByteView) -> Result<void> {
            ADD_FAILURE();
            return {};
        };
        if (!heard.error.empty()) {
            EXPECT_EQ(opener.update(unhex("00"), deliver).error().name(), heard.error);
            EXPECT_EQ(opener.finish(deliver).error().name(), heard.error);
        }
        return heard;
    }
    Heard hear_response(ByteView stream, std::size_t piece = 1000) const {
        ResponseOpener opener = client();
        Heard heard = feed(opener, stream, {piece});
        EXPECT_EQ(opener.complete(), heard.error.empty());
        return heard;
    }

    crypto::SystemRandom random;
    Bytes ephemeral = unhex("b26d565f3f875ed480d1abced3d665159650c99174fd0b124ac4bda0c64ae324");
    OneKey keys;
    ResponseSecret secret;
    std::size_t header_size = 0;
    Bytes request, response;
};

constexpr std::size_t kChunk = 1 + 3 + 16;  // length, "one", tag

TEST(OhttpRefusal, EveryCutIsAnError) {
    Exchange exchange;
    for (const std::size_t piece : {1UL, 1000UL}) {
        for (std::size_t size = 0; size < exchange.request.size(); ++size) {
            const Heard heard = exchange.hear_request(exchange.request.view().first(size), piece);
            EXPECT_FALSE(heard.error.empty()) << size;
            const bool in_final = size > exchange.header_size + 2 * kChunk;
            EXPECT_EQ(heard.error, in_final ? "ohttp.open_failed" : "ohttp.truncated") << size;
        }
        for (std::size_t size = 0; size < exchange.response.size(); ++size) {
            const bool in_final = size > 16 + 2 * kChunk;
            EXPECT_EQ(exchange.hear_response(exchange.response.view().first(size), piece).error,
                      in_final ? "ohttp.open_failed" : "ohttp.truncated")
                << size;
        }
    }
}

// What was delivered before a fault must be a prefix of the truth.
bool is_true_so_far(const Heard& heard) {
    return std::string_view("onetwoend").starts_with(as_text(heard.plaintext)) && !heard.error.empty();
}

TEST(OhttpRefusal, EveryFlippedBitIsAnError) {
    Exchange exchange;
    for (std::size_t bit = 0; bit < exchange.request.size() * 8; ++bit) {
        Bytes changed = exchange.request;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        // The most significant bit of an X25519 share is not part of it (RFC 7748 section 5), but enc is bound whole.
        const Heard heard = exchange.hear_request(changed, 50);
        EXPECT_TRUE(is_true_so_far(heard)) << bit << " " << heard.error;
    }
    for (std::size_t bit = 0; bit < exchange.response.size() * 8; ++bit) {
        Bytes changed = exchange.response;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_TRUE(is_true_so_far(exchange.hear_response(changed, 50))) << bit;
    }
}

TEST(OhttpRefusal, OrderAndFinality) {
    Exchange exchange;
    const ByteView all = exchange.request;
    const ByteView head = all.first(exchange.header_size);
    const ByteView one = all.subspan(head.size(), kChunk);
    const ByteView two = all.subspan(head.size() + kChunk, kChunk);
    const ByteView end = all.subspan(head.size() + 2 * kChunk);
    const Bytes promoted = concat(unhex("00"), two.subspan(1));
    const Bytes demoted = concat(unhex("13"), end.subspan(1));

    EXPECT_EQ(exchange.hear_request(concat(head, two, one, end)), (Heard{"ohttp.open_failed", {}}));
    EXPECT_EQ(exchange.hear_request(concat(head, one, one, two, end)), (Heard{"ohttp.open_failed", to_bytes("one")}));
    EXPECT_EQ(exchange.hear_request(concat(head, two, end)), (Heard{"ohttp.open_failed", {}}));
    EXPECT_EQ(exchange.hear_request(concat(head, one, end)), (Heard{"ohttp.open_failed", to_bytes("one")}));
    EXPECT_EQ(exchange.hear_request(concat(head, one, promoted)), (Heard{"ohttp.open_failed", to_bytes("one")}));
    EXPECT_EQ(exchange.hear_request(concat(head, one, two, demoted)), (Heard{"ohttp.open_failed", to_bytes("onetwo")}));
    EXPECT_EQ(exchange.hear_request(concat(head, one, two)), (Heard{"ohttp.truncated", to_bytes("onetwo")}));
    EXPECT_EQ(exchange.hear_request(concat(head, one, two, unhex("00"))),
              (Heard{"ohttp.open_failed", to_bytes("onetwo")}));
    EXPECT_EQ(exchange.hear_request(concat(all, unhex("00"))), (Heard{"ohttp.open_failed", to_bytes("onetwo")}));
    EXPECT_EQ(exchange.hear_request(concat(head, end)).error, "ohttp.open_failed");
}

TEST(OhttpRefusal, LengthsInAnyForm) {
    Exchange exchange;
    const ByteView all = exchange.request;
    const ByteView head = all.first(exchange.header_size);
    const ByteView one = all.subspan(head.size() + 1, kChunk - 1);
    const ByteView two = all.subspan(head.size() + kChunk + 1, kChunk - 1);
    const ByteView end = all.subspan(head.size() + 2 * kChunk + 1);
    const Bytes longer =
        concat(head, unhex("c000000000000013"), one, unhex("80000013"), two, unhex("c000000000000000"), end);
    for (const std::size_t piece : {1UL, 3UL, 1000UL})
        EXPECT_EQ(exchange.hear_request(longer, piece), (Heard{"", to_bytes("onetwoend")}));
}

TEST(OhttpRefusal, LimitsBeforeAnythingIsKept) {
    Exchange exchange;
    const ByteView head = exchange.request.view().first(exchange.header_size);
    for (const char* length : {"ffffffffffffffff", "80004011"})
        EXPECT_EQ(exchange.hear_request(concat(head, unhex(length)), 1).error, "ohttp.too_large");
    EXPECT_EQ(exchange.hear_request(concat(head, unhex("80004010")), 1).error, "ohttp.truncated");
    // The final chunk is not announced; it is refused as soon as it is too long, not at the end.
    RequestOpener opener(exchange.keys);
    const Deliver nothing = [](ByteView) -> Result<void> { return {}; };
    ASSERT_TRUE(opener.update(concat(head, unhex("00"), Bytes(kMaxChunk + 16)), nothing));
    EXPECT_EQ(opener.update(unhex("00"), nothing).error(), kTooLarge);
    // Shorter than a tag.
    EXPECT_EQ(exchange.hear_request(concat(head, unhex("0f"), Bytes(15))).error, "ohttp.open_failed");
    EXPECT_EQ(exchange.hear_request(concat(head, unhex("0f"), Bytes(14))).error, "ohttp.truncated");
}

// A chunk that authenticates and holds nothing, in the place of one that must hold something.
TEST(OhttpRefusal, EmptyInnerChunk) {
    Exchange exchange;
    Outgoing outgoing = start_request_with(Form::kChunked, exchange.keys.config(), kAes128, exchange.ephemeral).value();
    Bytes stream = outgoing.header;
    stream.push_back(16);
    stream.append(outgoing.context.seal({}, {}).value());
    RequestOpener opener(exchange.keys);
    EXPECT_EQ(feed(opener, stream, {1000}).error, "ohttp.empty_chunk");
    EXPECT_FALSE(opener.decrypted());
    EXPECT_TRUE(opener.respond(exchange.random));  // what to do with it is the gateway's choice
}

TEST(OhttpRefusal, TheHeaderIsJudgedAsSoonAsItIsIn) {
    Exchange exchange;
    const auto judge = [&](std::string_view header) {
        RequestOpener opener(exchange.keys);
        const Deliver nothing = [](ByteView) -> Result<void> { return {}; };
        const auto result = opener.update(unhex(header), nothing);
        return result ? std::string() : std::string(result.error().name());
    };
    exchange.keys.admitted.clear();
    EXPECT_EQ(judge("07002000010001"), "");
    EXPECT_EQ(judge("08002000010001"), "ohttp.unknown_key");
    EXPECT_EQ(judge("07001000010001"), "ohttp.bad_suite");
    EXPECT_EQ(judge("07647a00010001"), "ohttp.bad_suite");
    EXPECT_EQ(judge("07002000020001"), "ohttp.bad_suite");
    EXPECT_EQ(judge("07002000010002"), "ohttp.bad_suite");
    EXPECT_EQ(judge("0700200001beef"), "ohttp.bad_suite");
    EXPECT_TRUE(exchange.keys.admitted.empty());
}

TEST(OhttpRefusal, AdmissionComesBeforePublicKeyWork) {
    Exchange exchange;
    exchange.keys.willing = false;
    EXPECT_EQ(exchange.hear_request(exchange.request).error, "ohttp.replayed");
    exchange.keys.willing = true;
    // All zero: the shared secret would be zero (RFC 7748 section 6.1).
    EXPECT_EQ(exchange.hear_request(concat(unhex("07002000010001"), Bytes(32))).error, "ohttp.open_failed");
}

TEST(OhttpRefusal, TheReceiverMayRefuse) {
    Exchange exchange;
    RequestOpener opener(exchange.keys);
    int calls = 0;
    const Deliver refuse = [&](ByteView) -> Result<void> {
        ++calls;
        return fail(kMalformed, "inner message");
    };
    EXPECT_EQ(opener.update(exchange.request, refuse).error(), kMalformed);
    EXPECT_EQ(opener.finish(refuse).error(), kMalformed);
    EXPECT_EQ(calls, 1);
    // It was decrypted, so the refusal travels inside (RFC 9458 section 5.2).
    EXPECT_TRUE(opener.decrypted());
    EXPECT_TRUE(opener.respond(exchange.random));
}

TEST(OhttpRefusal, AnotherSuiteOrKeyDoesNotOpenTheAnswer) {
    Exchange exchange;
    ResponseSecret other{.suite = exchange.secret.suite, .enc = exchange.secret.enc, .secret = SecretBytes(16)};
    ResponseOpener opener(std::move(other));
    EXPECT_EQ(feed(opener, exchange.response, {1}), (Heard{"ohttp.open_failed", {}}));
    ResponseSecret chacha{.suite = kChaCha, .enc = exchange.secret.enc, .secret = exchange.secret.secret.clone()};
    ResponseOpener wrong(std::move(chacha));
    EXPECT_FALSE(feed(wrong, exchange.response, {1}).error.empty());
}

}  // namespace
}  // namespace openpcc::ohttp
