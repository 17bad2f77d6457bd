// SPDX-License-Identifier: Apache-2.0
// Real samples that pass, with one thing flipped, cut, added or doubled: none may pass. What may change without harm is
// listed here, and nowhere else: letter case of the hex digits of a signature, white space around an answer's members,
// ECDSA signatures in their other form (s and n - s), and the order and number of answers and lists.
#include <gmock/gmock.h>

#include "crypto/openssl.hpp"
#include "evidence/tdx/samples_fixture.hpp"

namespace openpcc::tdx {
namespace {

struct Subject {
    std::string file;
    std::string set;
    std::string time;

    Bytes quote() const {
        const auto padded = load_quote(file).value();
        return Bytes(without_padding(padded).value());
    }
    State judge(ByteView quote, const SignedCollateral& collateral) const {
        Verdict verdict;
        (void)verify_quote(quote, genuine(), collateral, good_rules(), parse_rfc3339(time).value(), verdict);
        return verdict.state();
    }
    State judge(ByteView quote, const Collateral& collateral) const {
        return judge(quote, SignedCollateral(collateral, genuine()));
    }
};

const Subject kVersion4{"tdx/dcap-qvl/tdx_quote", "2025-06-19", "2025-07-01T00:00:00Z"};
const Subject kVersion5{"tdx/go-tdx-guest/quote_v5_sample.dat", "2026-02-01", "2026-02-25T00:00:00Z"};

TEST_F(Samples, NoByteOfAQuoteIsFree) {
    for (const Subject& subject : {kVersion4, kVersion5}) {
        Bytes quote = subject.quote();
        const SignedCollateral collateral(collateral_set(subject.set), genuine());
        ASSERT_EQ(subject.judge(quote, collateral), State::kVerified);
        for (std::size_t i = 0; i < quote.size(); ++i) {
            const auto mask = static_cast<std::uint8_t>(1U << i % 8);
            quote[i] ^= mask;
            ASSERT_EQ(subject.judge(quote, collateral), State::kNotVerified) << subject.file << " byte " << i;
            quote[i] ^= mask;
        }
    }
}

TEST_F(Samples, NoCutAndNoExtensionOfAQuotePasses) {
    const Bytes quote = kVersion4.quote();
    const SignedCollateral collateral(collateral_set(kVersion4.set), genuine());
    for (std::size_t size = 0; size < quote.size(); ++size)
        ASSERT_EQ(kVersion4.judge(quote.view().first(size), collateral), State::kNotVerified) << size;
    for (std::size_t at = 0; at < quote.size(); at += 7) {
        const Bytes longer = concat(quote.view().first(at), Bytes{0}, quote.view().subspan(at));
        ASSERT_EQ(kVersion4.judge(longer, collateral), State::kNotVerified) << at;
        const std::size_t size = std::min<std::size_t>(48, quote.size() - at);
        const Bytes doubled = concat(quote.view().first(at + size), quote.view().subspan(at));
        ASSERT_EQ(kVersion4.judge(doubled, collateral), State::kNotVerified) << at;
    }
}

// The parts of collateral as bytes, each with how many of its bytes are tried: one in `stride`.
struct Part {
    std::string name;
    std::function<Bytes&(Collateral&)> of;
    std::size_t stride;
};

const Part kParts[] = {
    {"TCB info", [](Collateral& c) -> Bytes& { return c.tcb_infos[0].json; }, 3},
    {"its chain", [](Collateral& c) -> Bytes& { return c.tcb_infos[0].issuer_chain; }, 5},
    {"QE identity", [](Collateral& c) -> Bytes& { return c.qe_identities[0].json; }, 1},
    {"its chain too", [](Collateral& c) -> Bytes& { return c.qe_identities[0].issuer_chain; }, 7},
    {"root list", [](Collateral& c) -> Bytes& { return c.crls[0]; }, 1},
    {"PCK list", [](Collateral& c) -> Bytes& { return c.crls[1]; }, 3},
};

bool is_case_of_a_letter(std::uint8_t byte, std::uint8_t mask) {
    return mask == 0x20 && ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'));
}

TEST_F(Samples, NoByteOfCollateralIsFree) {
    const Bytes quote = kVersion4.quote();
    const Collateral good = collateral_set(kVersion4.set);
    ASSERT_EQ(kVersion4.judge(quote, good), State::kVerified);
    for (const Part& part : kParts) {
        std::size_t harmless = 0;
        Collateral changed = good;
        Bytes& bytes = part.of(changed);
        const std::size_t signature = to_string(bytes).rfind("\"signature\"");
        for (std::size_t i = 0; i < bytes.size(); i += part.stride) {
            const auto mask = static_cast<std::uint8_t>(1U << (i / part.stride) % 8);
            const bool free = i > signature && signature != std::string::npos && is_case_of_a_letter(bytes[i], mask);
            harmless += free ? 1 : 0;
            bytes[i] ^= mask;
            if (!free) ASSERT_NE(kVersion4.judge(quote, changed), State::kVerified) << part.name << " byte " << i;
            bytes[i] ^= mask;
        }
        EXPECT_LT(harmless, 20U) << part.name;
        ASSERT_EQ(kVersion4.judge(quote, changed), State::kVerified);
    }
}

TEST_F(Samples, NoCutAndNoExtensionOfCollateralPasses) {
    const Bytes quote = kVersion4.quote();
    const Collateral good = collateral_set(kVersion4.set);
    for (const Part& part : kParts) {
        const Bytes whole = part.of(const_cast<Collateral&>(good));
        for (std::size_t size = 0; size + 1 < whole.size(); size += 1 + whole.size() / 97) {
            Collateral changed = good;
            part.of(changed) = Bytes(whole.view().first(size));
            ASSERT_NE(kVersion4.judge(quote, changed), State::kVerified) << part.name << " cut to " << size;
            part.of(changed) = concat(whole.view().first(size), Bytes{'0'}, whole.view().subspan(size));
            ASSERT_NE(kVersion4.judge(quote, changed), State::kVerified) << part.name << " longer at " << size;
        }
        Collateral changed = good;
        part.of(changed).append(whole);
        ASSERT_NE(kVersion4.judge(quote, changed), State::kVerified) << part.name << " twice";
    }
}

// Serving something twice, or in another order, is no attack: the same answer counts.
TEST_F(Samples, OrderAndNumberOfAnswersDoNotMatter) {
    const Bytes quote = kVersion4.quote();
    Collateral more = collateral_set(kVersion4.set);
    const Collateral other = collateral_set("2025-07-07");
    for (const Collateral& each : {collateral_set("2025-06-19"), other}) {
        more.tcb_infos.insert(more.tcb_infos.begin(), each.tcb_infos.begin(), each.tcb_infos.end());
        more.crls.insert(more.crls.begin(), each.crls.begin(), each.crls.end());
    }
    EXPECT_EQ(kVersion4.judge(quote, more), State::kVerified);
}

// n - s in place of s.
void other_form(ByteSpan signature) {
    const crypto::Bignum order(BN_new());
    BIGNUM* raw = order.get();
    BN_hex2bn(&raw, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    const crypto::Bignum s(BN_bin2bn(signature.data() + 32, 32, nullptr));
    const crypto::Bignum other(BN_new());
    BN_sub(other.get(), order.get(), s.get());
    BN_bn2binpad(other.get(), signature.data() + 32, 32);
}

// So a signature, or a whole quote, is no name for anything; names are hashes of what is signed.
TEST_F(Samples, SignaturesHaveTwoForms) {
    const SignedCollateral collateral(collateral_set(kVersion4.set), genuine());
    constexpr std::size_t kSignature = 632 + 4;
    for (const std::size_t at : {kSignature, kSignature + 518}) {
        Bytes quote = kVersion4.quote();
        other_form(quote.span().subspan(at, 64));
        EXPECT_EQ(kVersion4.judge(quote, collateral), State::kVerified);
        for (std::size_t i = 0; i < 32; ++i) quote[at + i] = 0;
        EXPECT_EQ(kVersion4.judge(quote, collateral), State::kNotVerified) << "r of zero";
    }
}

}  // namespace
}  // namespace openpcc::tdx
