// SPDX-License-Identifier: Apache-2.0
#include "trust/envelope/envelope.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"

namespace openpcc::envelope {
namespace {

constexpr std::string_view kType = "application/vnd.openpcc.policy+json";

Signer signer_of(const crypto::SigningKey& key) { return Signer::of(key.verifying_key()).value(); }

Envelope made(std::string_view payload, std::initializer_list<const crypto::SigningKey*> keys) {
    Envelope out{std::string(kType), to_bytes(payload), {}};
    for (const auto* key : keys) EXPECT_TRUE(out.sign(*key));
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

struct People {
    crypto::SigningKey ann = crypto::SigningKey::generate_ed25519();
    crypto::SigningKey bob = crypto::SigningKey::generate_p256();
    crypto::SigningKey eve = crypto::SigningKey::generate_ed25519();
    SignerSet both(std::size_t threshold) const {
        return SignerSet::make({signer_of(ann), signer_of(bob)}, threshold).value();
    }
};

// protocol.md of DSSE has this example.
TEST(Pae, IsThatOfTheSpecification) {
    EXPECT_EQ(to_string(pae("http://example.com/HelloWorld", as_bytes("hello world"))),
              "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    EXPECT_EQ(to_string(pae("", {})), "DSSEv1 0  0 ");
}

TEST(Envelope, OpensWhatEnoughHaveSigned) {
    const People people;
    const std::string both = made("{}", {&people.ann, &people.bob}).to_json();
    for (std::size_t threshold : {1U, 2U}) {
        const auto payload = open(as_bytes(both), kType, people.both(threshold));
        ASSERT_TRUE(payload) << payload.error().describe();
        EXPECT_EQ(to_string(*payload), "{}");
    }
    const std::string one = made("{}", {&people.bob}).to_json();
    EXPECT_TRUE(open(as_bytes(one), kType, people.both(1)));
    EXPECT_EQ(open(as_bytes(one), kType, people.both(2)).error(), kUnderSigned);
}

TEST(Envelope, CountsPeopleAndNotSignatures) {
    const People people;
    Envelope envelope = made("{}", {&people.ann});
    envelope.signatures.push_back(envelope.signatures[0]);
    envelope.signatures[1].key_id = signer_of(people.bob).key_id();
    EXPECT_EQ(open(as_bytes(envelope.to_json()), kType, people.both(2)).error(), kUnderSigned);
    // Signing again takes the place of what was there.
    Envelope again = made("{}", {&people.ann, &people.ann});
    EXPECT_EQ(again.signatures.size(), 1U);
}

TEST(Envelope, StrangersDoNotCountAndKeyIdsDecideNothing) {
    const People people;
    Envelope envelope = made("{}", {&people.eve});
    envelope.signatures[0].key_id = signer_of(people.ann).key_id();
    EXPECT_EQ(open(as_bytes(envelope.to_json()), kType, people.both(1)).error(), kUnderSigned);
    Envelope unnamed = made("{}", {&people.eve, &people.ann});
    unnamed.signatures[1].key_id = "";
    EXPECT_TRUE(open(as_bytes(unnamed.to_json()), kType, people.both(1)));
}

TEST(Envelope, SignaturesCoverTypeAndPayload) {
    const People people;
    const Envelope good = made("{}", {&people.ann, &people.bob});
    Envelope other = good;
    other.payload = to_bytes("[]");
    EXPECT_EQ(open(as_bytes(other.to_json()), kType, people.both(1)).error(), kUnderSigned);
    EXPECT_EQ(open(as_bytes(good.to_json()), "application/json", people.both(1)).error(), kMalformed);
    other = good;
    other.type = "application/json";
    EXPECT_EQ(open(as_bytes(other.to_json()), "application/json", people.both(1)).error(), kUnderSigned);
    for (std::size_t i = 0; i < good.signatures[0].bytes.size(); ++i) {
        other = made("{}", {&people.ann});
        other.signatures[0].bytes[i] ^= 1;
        EXPECT_EQ(open(as_bytes(other.to_json()), kType, people.both(1)).error(), kUnderSigned) << i;
    }
}

TEST(Envelope, IsStrictJson) {
    const People people;
    const Envelope envelope = made("payload", {&people.ann});
    const std::string good = envelope.to_json();
    EXPECT_EQ(Envelope::parse(as_bytes(good)).value().claimed(), envelope);
    const auto refused = [](const std::string& text) {
        const auto read = Envelope::parse(as_bytes(text));
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), kMalformed) << text;
    };
    for (std::string_view text : {"", "[]", "{}", "null"}) refused(std::string(text));
    refused(good + " {}");
    refused(replaced(good, "{", "{\"extra\":1,"));
    refused(replaced(good, "{\"keyid\"", "{\"extra\":1,\"keyid\""));
    refused(replaced(good, "{", "{\"payloadType\":\"" + std::string(kType) + "\","));
    refused(replaced(good, "\"keyid\"", "\"keyId\""));
    refused(replaced(good, "\"payload\":\"cGF5bG9hZA==\"", "\"payload\":\"cGF5bG9hZA\""));
    refused(replaced(good, "\"payload\":\"cGF5bG9hZA==\"", "\"payload\":\"cGF5bG9hZB==\""));
    refused(replaced(good, "\"payload\":\"cGF5bG9hZA==\"", "\"payload\":7"));
    refused(replaced(good, std::string(kType), std::string(129, 'a')));
    refused(replaced(good, std::string(kType), "a b"));
    Envelope none = envelope;
    none.signatures.clear();
    refused(none.to_json());
    Envelope many = envelope;
    while (many.signatures.size() < 17) many.signatures.push_back(many.signatures[0]);
    refused(many.to_json());
    many.signatures.pop_back();
    EXPECT_TRUE(Envelope::parse(as_bytes(many.to_json())));
    many.signatures[3].bytes = Bytes(257);
    refused(many.to_json());
    many.signatures[3].bytes = Bytes();
    refused(many.to_json());
    refused(good + std::string(kMaxEnvelope, ' '));
}

TEST(Envelope, IsTellableFromAPolicy) {
    const People people;
    EXPECT_TRUE(looks_like_envelope(as_bytes(made("{}", {&people.ann}).to_json())));
    for (std::string_view text : {"", "{}", "[]", R"({"version":2})", R"({"payloadType":)"})
        EXPECT_FALSE(looks_like_envelope(as_bytes(text))) << text;
}

TEST(Signer, HasOneText) {
    const People people;
    for (const auto* key : {&people.ann, &people.bob}) {
        const Signer signer = signer_of(*key);
        const auto read = Signer::parse(signer.to_text());
        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_EQ(read->to_text(), signer.to_text());
        EXPECT_EQ(read->key_id(), signer.key_id());
    }
    const std::string good = signer_of(people.ann).to_text();
    for (const std::string& text :
         {std::string(), good + "00", good.substr(0, good.size() - 2), replaced(good, "ed25519", "p256"),
          replaced(good, "openpcc-signer", "openpcc-service"), "openpcc-signer:p256:" + std::string(128, '0')})
        EXPECT_FALSE(Signer::parse(text)) << text;
    EXPECT_EQ(Signer::of(crypto::SigningKey::generate_p384().verifying_key()).error(), kBadSigner);
}

TEST(SignerSet, IsReachable) {
    const People people;
    const auto ann = [&] { return signer_of(people.ann); };
    EXPECT_EQ(SignerSet::make({}, 0).error(), kBadSigner);
    EXPECT_EQ(SignerSet::make({ann()}, 0).error(), kBadSigner);
    EXPECT_EQ(SignerSet::make({ann()}, 2).error(), kBadSigner);
    EXPECT_EQ(SignerSet::make({ann(), ann()}, 1).error(), kBadSigner);
    EXPECT_TRUE(SignerSet::make({ann(), signer_of(people.bob)}, 2));
}

}  // namespace
}  // namespace openpcc::envelope
