// SPDX-License-Identifier: Apache-2.0
#include "trust/statement/statement.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "trust/statement/errors.hpp"

namespace openpcc::statement {
namespace {

seal::KeyConfig key(std::uint8_t seed) {
    const Bytes ikm(Bytes(ByteArray<32>{{seed}}));
    return {hpke::PrivateKey::derive(hpke::Kem::kX25519, ikm).value().public_key(), {seal::SymmetricSuite{}}};
}

Core core() {
    Core out;
    out.release = "demo-1.0.0";
    out.keys.push_back(key(1));
    out.not_before = TimePoint(Seconds(1'764'000'000));
    out.not_after = out.not_before + Seconds(3600);
    out.model = crypto::sha256(as_bytes("model"));
    out.engine_profile = crypto::sha256(as_bytes("profile"));
    return out;
}

Bundle bundle() {
    Bundle out;
    out.statement = {core(), devices_digest({})};
    out.cpu_evidence = to_bytes("a quote");
    return out;
}

DeviceEvidence device(std::string_view id) { return {1, to_bytes(id), to_bytes("report"), to_bytes("leaf")}; }

TEST(Statement, ReadsWhatItWrites) {
    Statement statement{core(), devices_digest({})};
    for (Role role : {Role::kNode, Role::kGateway}) {
        statement.core.role = role;
        const Bytes bytes = statement.encode();
        const auto read = Statement::parse(bytes);
        ASSERT_TRUE(read) << read.error().describe();
        EXPECT_EQ(read->encode(), bytes);
        EXPECT_EQ(read->core.role, role);
        EXPECT_EQ(read->core.release, "demo-1.0.0");
        EXPECT_EQ(read->core.not_after, statement.core.not_after);
        EXPECT_EQ(read->core.model, statement.core.model);
    }
}

// The layout of docs/protocol/statement.md, byte by byte.
TEST(Statement, HasTheDocumentedLayout) {
    Core value = core();
    value.freshness = {Freshness::Kind::kChallenge, Challenge{{7, 7}}, {}};
    wire::Writer key_block;
    value.keys[0].write(key_block);
    wire::Writer want;
    want.u16(0x5301).u8(1).vec8(as_bytes("demo-1.0.0")).vec16(key_block.view()).vec16({});
    want.u64(1'764'000'000).u64(1'764'003'600).raw(value.model).raw(value.engine_profile).u8(1);
    want.u8(1).raw(Challenge{{7, 7}});
    EXPECT_EQ(to_hex(value.encode()), to_hex(want.view()));

    const Statement statement{value, devices_digest({})};
    EXPECT_EQ(to_hex(statement.encode()), to_hex(want.view()) + to_hex(statement.devices));
}

TEST(Statement, HashesAreTheDocumentedOnes) {
    const Statement statement{core(), devices_digest({})};
    const Bytes encoded = statement.core.encode();
    EXPECT_EQ(to_hex(statement.core.name()),
              to_hex(crypto::sha256({as_bytes("\x19openpcc statement name v1"), encoded})));
    EXPECT_EQ(to_hex(statement.core.device_nonce()),
              to_hex(crypto::sha256({as_bytes("\x11openpcc device v1"), encoded})));
    EXPECT_EQ(to_hex(devices_digest({})), to_hex(crypto::sha256({as_bytes("\x12openpcc devices v1"), Bytes{0}})));
    EXPECT_EQ(to_hex(statement.report_data(TeeType::kTdx)),
              to_hex(crypto::sha512({as_bytes("\x14openpcc statement v1"), Bytes{1}, statement.encode()})));
    EXPECT_NE(statement.report_data(TeeType::kTdx), statement.report_data(TeeType::kSnp));
}

// The vector of docs/protocol/statement.md, paragraph 4.2.
TEST(Statement, DocumentedVector) {
    Core value;
    value.release = "demo-1.0.0";
    const auto alice = from_hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a").value();
    value.keys.push_back({hpke::PublicKey::parse(hpke::Kem::kX25519, alice).value(), {seal::SymmetricSuite{}}});
    value.not_before = parse_rfc3339("2025-11-25T07:00:00Z").value();
    value.not_after = parse_rfc3339("2025-11-25T08:00:00Z").value();
    value.model = crypto::sha256(as_bytes("model"));
    value.engine_profile = crypto::sha256(as_bytes("profile"));
    value.freshness.kind = Freshness::Kind::kChallenge;
    for (std::uint8_t i = 0; i < 32; ++i) value.freshness.challenge.bytes[i] = i;
    EXPECT_EQ(to_hex(value.encode()),
              "5301010a64656d6f2d312e302e30002a002000208520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
              "000400010002000000000000692553f000000000692562009372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652"
              "b6b825e41900eab6c028483d7126599ee6f50de0d27907b5c65fa90524580b4b0f9852b00101000102030405060708090a0b0c0d"
              "0e0f101112131415161718191a1b1c1d1e1f");
    EXPECT_EQ(to_hex(value.name()), "53ab6e1e2a9307c6c323c3cb807e91f07e8fb3349406b8cb9303aea824305c7d");
    EXPECT_EQ(to_hex(value.device_nonce()), "989f0fdbd4050ff36ada6d613ac80b6e342d5224f7b0bd69d1451b62cc355499");
    EXPECT_EQ(to_hex(devices_digest({})), "90379b59403b48951e0a3141d9212fba83972d6588b15f7ff57c3bd54274f314");
    EXPECT_EQ(to_hex((Statement{value, devices_digest({})}).report_data(TeeType::kTdx)),
              "8091ed38569063a63962c3bc9cb21c7a28ca3005f3da6b530e3433849cfa3e41"
              "2cf40a7485a43f180c3048d67671fc0b5ddf3325530f3574918ad6e58613d8cc");
}

TEST(Statement, NameStaysWhenEvidenceIsRenewed) {
    Core one = core();
    Core two = core();
    two.freshness = {Freshness::Kind::kChallenge, Challenge{{1}}, {}};
    EXPECT_EQ(one.name(), two.name());
    EXPECT_NE(one.device_nonce(), two.device_nonce());
    two.release = "demo-1.0.1";
    EXPECT_NE(one.name(), two.name());
}

TEST(Statement, EveryMemberIsInTheNameAndTheReportData) {
    const Statement good{core(), devices_digest({})};
    std::vector<Statement> changed(10, good);
    changed[0].core.role = Role::kGateway;
    changed[1].core.release = "demo-1.0.1";
    changed[2].core.keys[0] = key(2);
    changed[3].core.receipt_key = to_bytes("key");
    changed[4].core.not_before += Seconds(1);
    changed[5].core.not_after += Seconds(1);
    changed[6].core.model.bytes[31] ^= 1;
    changed[7].core.engine_profile.bytes[0] ^= 1;
    changed[8].core.isolation = Isolation::kVmPerTenant;
    changed[9].core.keys.push_back(key(2));
    for (const Statement& other : changed) {
        EXPECT_NE(other.core.name(), good.core.name());
        EXPECT_NE(other.report_data(TeeType::kTdx), good.report_data(TeeType::kTdx));
    }
    Statement devices = good;
    devices.devices.bytes[0] ^= 1;
    EXPECT_NE(devices.report_data(TeeType::kTdx), good.report_data(TeeType::kTdx));
}

TEST(Statement, RefusesEveryTruncationAndEveryExtension) {
    const Bytes bytes = Statement{core(), devices_digest({})}.encode();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(Statement::parse(bytes.view().first(size))) << size;
    EXPECT_EQ(Statement::parse(concat(bytes, Bytes{0})).error(), kMalformed);
}

TEST(Statement, RefusesWhatTheFormatDoesNotAllow) {
    const Statement good{core(), devices_digest({})};
    const auto changed = [&](auto change) {
        Statement other = good;
        change(other.core);
        return Statement::parse(other.encode());
    };
    EXPECT_FALSE(changed([](Core& c) { c.not_after = c.not_before; }));
    EXPECT_FALSE(changed([](Core& c) { c.role = static_cast<Role>(3); }));
    EXPECT_FALSE(changed([](Core& c) { c.isolation = static_cast<Isolation>(0); }));
    EXPECT_FALSE(changed([](Core& c) { c.isolation = static_cast<Isolation>(5); }));
    EXPECT_FALSE(changed([](Core& c) { c.freshness.kind = static_cast<Freshness::Kind>(3); }));
    EXPECT_FALSE(changed([](Core& c) { c.keys.push_back(c.keys[0]); }));
    EXPECT_FALSE(changed([](Core& c) { c.not_after = TimePoint(Seconds(253'402'300'800)); }));
    EXPECT_TRUE(changed([](Core& c) { c.not_after = TimePoint(Seconds(253'402'300'799)); }));
    EXPECT_TRUE(changed([](Core& c) { c.freshness = {Freshness::Kind::kBeacon, {}, to_bytes("note")}; }));

    Bytes format = good.encode();
    format[1] = 2;
    EXPECT_EQ(Statement::parse(format).error(), kMalformed);
    for (std::string_view id : {"", "a b", "a\n", "\x7f"}) EXPECT_FALSE(is_release_id(id));
    EXPECT_FALSE(is_release_id(std::string(129, 'a')));
    EXPECT_TRUE(is_release_id(std::string(128, 'a')));
}

TEST(Bundle, ReadsWhatItWrites) {
    Bundle value = bundle();
    value.certificates = {to_bytes("one"), to_bytes("two")};
    value.devices = {device("b"), device("a")};
    value.statement.devices = devices_digest(value.devices);
    const Bytes bytes = value.encode();
    const auto read = Bundle::parse(bytes);
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->claimed().encode(), bytes);
    EXPECT_EQ(read->claimed().devices[0], device("a"));  // sorted
    EXPECT_EQ(to_hex(value.hash()), to_hex(crypto::sha256(bytes)));
}

TEST(Bundle, RefusesEveryTruncationAndEveryExtension) {
    Bundle value = bundle();
    value.devices = {device("a")};
    const Bytes bytes = value.encode();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(Bundle::parse(bytes.view().first(size))) << size;
    EXPECT_EQ(Bundle::parse(concat(bytes, Bytes{0})).error(), kBadBundle);
    EXPECT_EQ(Bundle::parse(Bytes(kMaxBundle + 1)).error(), kBadBundle);
}

TEST(Bundle, RefusesDevicesTwiceOrOutOfOrder) {
    const auto with = [](const std::vector<DeviceEvidence>& devices) {
        wire::Writer out;
        const Bytes empty = bundle().encode();
        out.raw(empty.view().first(empty.size() - 1)).u8(static_cast<std::uint8_t>(devices.size()));
        for (const auto& d : devices) out.u8(d.kind).vec8(d.device_id).vec32(d.report).vec16(d.leaf_certificate);
        return Bundle::parse(out.view());
    };
    EXPECT_TRUE(with({device("a"), device("b")}));
    EXPECT_EQ(with({device("a"), device("a")}).error(), kBadBundle);
    EXPECT_EQ(with({device("b"), device("a")}).error(), kBadBundle);
    EXPECT_EQ(with({device("")}).error(), kBadBundle);
}

TEST(Devices, DigestDependsOnEveryPartAndNotOnTheOrder) {
    EXPECT_EQ(devices_digest({device("a"), device("b")}), devices_digest({device("b"), device("a")}));
    EXPECT_NE(devices_digest({}), devices_digest({device("a")}));
    DeviceEvidence other = device("a");
    other.kind = 2;
    EXPECT_NE(devices_digest({other}), devices_digest({device("a")}));
    other = device("a");
    other.report = to_bytes("another");
    EXPECT_NE(devices_digest({other}), devices_digest({device("a")}));
    other = device("a");
    other.leaf_certificate = to_bytes("another");
    EXPECT_NE(devices_digest({other}), devices_digest({device("a")}));
}

}  // namespace
}  // namespace openpcc::statement
