// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/secret.hpp"
#include "core/strong.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "core/verdict.hpp"

namespace openpcc {
namespace {

using Key = Secret<32, struct KeyTag>;
using OtherKey = Secret<32, struct OtherKeyTag>;

// What must not compile.
static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);
static_assert(!std::equality_comparable<Key> && !std::equality_comparable<SecretBytes>);
static_assert(!std::is_constructible_v<Key, OtherKey> && !std::is_convertible_v<SecretBytes, ByteView>);
static_assert(!std::is_copy_constructible_v<Plaintext> && !std::equality_comparable<Plaintext>);
static_assert(!std::is_convertible_v<Plaintext, ByteView> && !std::is_convertible_v<std::string, Bytes>);
static_assert(!std::is_convertible_v<ByteArray<32, struct A>, ByteArray<32, struct B>>);

TEST(Secret, MovedFromIsEmptyAndMemoryIsWiped) {
    const std::uint8_t* where = nullptr;
    {
        SecretBytes first = SecretBytes::copy_from(as_bytes("0123456789abcdef0123456789abcdef"));
        first.with([&](ByteView view) { where = view.data(); });
        SecretBytes second = std::move(first);
        EXPECT_EQ(first.size(), 0U);  // NOLINT: the moved-from state is the point
        EXPECT_EQ(second.size(), 32U);
    }
    // The cell goes back to the pool, which still owns the page; only the list's link may be in its first bytes.
    for (std::size_t i = sizeof(void*); i < 32; ++i) EXPECT_EQ(where[i], 0);
}

TEST(Secret, ComparesInConstantTimeOnly) {
    const auto a = Key::copy_from(as_bytes("0123456789abcdef0123456789abcdef"));
    const auto b = a.clone();
    EXPECT_TRUE(a.ct_equal(b));
    EXPECT_FALSE(a.ct_equal(Key{}));
    EXPECT_FALSE(ct_equal(as_bytes("ab"), as_bytes("abc")));
}

TEST(Secret, ManySizesDoNotOverlap) {
    std::vector<SecretBytes> all;
    for (std::size_t size : {1UL, 31UL, 32UL, 33UL, 64UL, 100UL, 4096UL, 4097UL, 100000UL})
        for (int i = 0; i < 20; ++i) {
            all.emplace_back(size);
            all.back().fill([&](ByteSpan span) { std::ranges::fill(span, static_cast<std::uint8_t>(all.size())); });
        }
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].with([&](ByteView view) {
            for (std::uint8_t byte : view) ASSERT_EQ(byte, static_cast<std::uint8_t>(i + 1));
        });
}

TEST(Plaintext, EraseFrontKeepsTheRest) {
    Plaintext text = Plaintext::copy_from(as_bytes("hello world"));
    text.erase_front(6);
    text.with([](ByteView view) { EXPECT_EQ(as_text(view), "world"); });
    text.erase_front(99);
    EXPECT_TRUE(text.empty());
}

TEST(Text, HexIsStrict) {
    EXPECT_EQ(to_hex(Bytes{0x00, 0xff, 0x1a}), "00ff1a");
    EXPECT_EQ(*from_hex("00fF1A"), (Bytes{0x00, 0xff, 0x1a}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Text, ControlCharactersReachNoTerminal) {
    const auto shown = [](std::string_view text) {
        std::string out;
        while (!text.empty()) out += take_printable(text);
        return out;
    };
    EXPECT_EQ(shown("a\tb\nc \xC3\xA9 \xE2\x82\xAC"), "a\tb\nc \xC3\xA9 \xE2\x82\xAC");
    EXPECT_EQ(shown("\x1b]52;c;aGk=\x07x\x1b[2J\r\x7f"), "]52;c;aGk=x[2J");
    EXPECT_EQ(shown("\xC2\x9B" "31m\xC2\xA0"), "31m\xC2\xA0");
    EXPECT_EQ(shown(std::string_view("a\0b\xC2", 4)), "ab\xC2");
}

TEST(Text, Base64IsCanonical) {  // RFC 4648 section 10
    EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
    EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(to_string(*from_base64("Zm9vYg==")), "foob");
    for (const char* bad : {"Zg=", "Zg", "Zh==", "Z===", "Zg==Zg==", "Zm9v\n", "Zm9-"}) EXPECT_FALSE(from_base64(bad)) << bad;
    EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
    EXPECT_EQ(*from_base64url("-_8"), (Bytes{0xfb, 0xff}));
    EXPECT_FALSE(from_base64url("-_8="));
}

TEST(Time, RoundTripAndRefusal) {
    EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-25T07:00:09Z")), "2026-11-25T07:00:09Z");
    EXPECT_EQ(to_rfc3339(*parse_rfc3339("2024-02-29T23:59:59.123Z")), "2024-02-29T23:59:59Z");
    for (const char* bad : {"2026-11-25T07:00:00", "2026-02-29T00:00:00Z", "2026-11-25 07:00:00Z", "2026-11-25T24:00:00Z",
                            "2026-11-25T07:00:00+01:00Z", "2026-11-25T07:00:00.Z", ""})
        EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

TEST(Verdict, StateIsDerivedAndEmptyIsIncomplete) {
    Verdict verdict;
    EXPECT_EQ(verdict.state(), State::kIncomplete);
    verdict.require(true, "a", "p", "x", "x");
    EXPECT_EQ(verdict.state(), State::kVerified);
    verdict.add({"b", "p", Outcome::kNote, "", ""});
    EXPECT_EQ(verdict.state(), State::kVerifiedWithNotes);
    verdict.mark_simulated();
    EXPECT_EQ(verdict.state(), State::kSimulated);
    EXPECT_FALSE(verdict.good());
    verdict.add({"c", "p", Outcome::kNotRun, "", ""});
    EXPECT_EQ(verdict.state(), State::kIncomplete);
    verdict.require(false, "d", "p", "x", "y");
    EXPECT_EQ(verdict.state(), State::kNotVerified);
    EXPECT_EQ(verdict.first_problem()->id, "d");
}

TEST(Verdict, HoldsUntilTheEarliestEnd) {
    Verdict verdict;
    verdict.holds_until(TimePoint(Seconds(20)));
    verdict.holds_until(TimePoint(Seconds(10)));
    verdict.holds_until(TimePoint(Seconds(30)));
    EXPECT_EQ(verdict.valid_until(), TimePoint(Seconds(10)));
}

}  // namespace
}  // namespace openpcc
