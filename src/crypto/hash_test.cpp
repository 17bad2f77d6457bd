// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/text.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"

namespace openpcc::crypto {
namespace {

Bytes hex(std::string_view digits) { return *from_hex(digits); }
std::string shown(const SecretBytes& secret) {
    return secret.with([](ByteView view) { return to_hex(view); });
}

// FIPS 180-4 examples.
TEST(Hash, DigestsParts) {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), abc);
    EXPECT_EQ(to_hex(sha256({as_bytes("a"), {}, as_bytes("bc")})), abc);
    EXPECT_EQ(to_hex(digest(Hash::kSha256, {as_bytes("abc")})), abc);
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha384(as_bytes("abc"))),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(to_hex(sha512({as_bytes("abc")})),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, AStreamMayMove) {
    Sha256Stream stream;
    stream.update(as_bytes("a"));
    Sha256Stream moved = std::move(stream);
    moved.update(as_bytes("bc"));
    EXPECT_EQ(std::move(moved).finish(), sha256(as_bytes("abc")));
}

TEST(Hash, ThreadsDoNotShareState) {
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            const Bytes input(static_cast<std::size_t>(t * 100));
            const Digest256 expected = sha256(input);
            for (int i = 0; i < 200; ++i) wrong += sha256(input) == expected ? 0 : 1;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

// RFC 4231 test cases 2 and 6 (a key longer than a block).
TEST(Hmac, Rfc4231) {
    EXPECT_EQ(shown(hmac(Hash::kSha256, as_bytes("Jefe"), {as_bytes("what do ya want "), as_bytes("for nothing?")})),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(shown(hmac(Hash::kSha384, as_bytes("Jefe"), {as_bytes("what do ya want for nothing?")})),
              "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
    const Bytes long_key = [] {
        Bytes key(131);
        for (auto& byte : key.span()) byte = 0xaa;
        return key;
    }();
    const ByteView text = as_bytes("Test Using Larger Than Block-Size Key - Hash Key First");
    EXPECT_EQ(shown(hmac(Hash::kSha256, long_key, {text})),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(shown(hmac(Hash::kSha512, long_key, {text})),
              "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
              "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

// RFC 5869 appendix A, cases 1 to 3.
TEST(Hkdf, Rfc5869) {
    const Bytes ikm = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    const SecretBytes prk = hkdf_extract(Hash::kSha256, hex("000102030405060708090a0b0c"), ikm);
    EXPECT_EQ(shown(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    EXPECT_EQ(shown(hkdf_expand(Hash::kSha256, prk, hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

    const auto counted = [](std::uint8_t from, std::uint8_t to) {
        Bytes out;
        for (unsigned i = from; i <= to; ++i) out.push_back(static_cast<std::uint8_t>(i));
        return out;
    };
    const SecretBytes longer = hkdf_extract(Hash::kSha256, counted(0x60, 0xaf), counted(0x00, 0x4f));
    EXPECT_EQ(shown(hkdf_expand(Hash::kSha256, longer, counted(0xb0, 0xff), 82)),
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
              "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");

    const SecretBytes no_salt = hkdf_extract(Hash::kSha256, {}, ikm);
    EXPECT_EQ(shown(hkdf_expand(Hash::kSha256, no_salt, {}, 42)),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, LimitsAndParts) {
    const SecretBytes prk = hkdf_extract(Hash::kSha256, {}, as_bytes("ikm"));
    EXPECT_EQ(hkdf_expand(Hash::kSha256, prk, {}, 255 * 32).size(), 255U * 32);
    EXPECT_EQ(hkdf_expand(Hash::kSha256, prk, {}, 0).size(), 0U);
    EXPECT_DEATH(hkdf_expand(Hash::kSha256, prk, {}, 255 * 32 + 1), "");
    const Bytes info = to_bytes("one two");
    prk.with([&](ByteView key) {
        EXPECT_TRUE(hkdf_expand(Hash::kSha256, key, {as_bytes("one"), as_bytes(" two")}, 40)
                        .ct_equal(hkdf_expand(Hash::kSha256, key, info, 40)));
    });
}

TEST(Random, FillsEverySize) {
    SystemRandom random;
    random.fill({});
    const auto a = random.array<ByteArray<32>>();
    const auto b = random.array<ByteArray<32>>();
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace openpcc::crypto
