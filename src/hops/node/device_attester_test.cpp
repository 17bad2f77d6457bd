// SPDX-License-Identifier: Apache-2.0
#include "hops/node/device_attester.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "evidence/simulated/authority.hpp"
#include "evidence/simulated/platform.hpp"
#include "evidence/simulated/snp_world.hpp"
#include "hops/node/errors.hpp"
#include "io/device/errors.hpp"

namespace openpcc::node {
namespace {

constexpr TimePoint kNow{Seconds(1'800'000'000)};

// A device whose answers a test makes.
class ScriptedDevice final : public device::ReportDevice {
  public:
    using Answer = std::function<Result<device::Evidence>(const device::ReportData&)>;
    ScriptedDevice(device::Kind kind, Answer answer) : kind_(kind), answer_(std::move(answer)) {}
    device::Kind kind() const override { return kind_; }
    Result<device::Evidence> report(const device::ReportData& data, device::Deadline) override { return answer_(data); }

  private:
    device::Kind kind_;
    Answer answer_;
};

statement::ReportData report_data() {
    statement::ReportData out;
    out.bytes.fill(0x5a);
    return out;
}

struct Asked {
    Result<Attester::Evidence> evidence;
    statement::TeeType tee;
};

Asked ask(device::Kind kind, ScriptedDevice::Answer answer, Certificates certificates = {}) {
    net::Loop loop;
    const auto attester =
        make_device_attester(loop, std::make_unique<ScriptedDevice>(kind, std::move(answer)), std::move(certificates));
    EXPECT_FALSE(attester->simulated());
    return {loop.run_until_done(attester->evidence(report_data())), attester->tee()};
}

using Entries = std::vector<std::pair<ByteArray<16>, Bytes>>;
constexpr ByteArray<16> kVcek{
    {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}};
constexpr ByteArray<16> kVlek{
    {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1}};
constexpr ByteArray<16> kAsk{
    {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82}};

// The table of certificates as a host writes it.
Bytes table(const Entries& entries) {
    Bytes list;
    Bytes contents;
    const auto number = [&](std::size_t value) {
        for (int shift = 0; shift < 32; shift += 8) list.push_back(static_cast<std::uint8_t>(value >> shift));
    };
    for (const auto& [guid, content] : entries) {
        list.append(guid);
        number((entries.size() + 1) * 24 + contents.size());
        number(content.size());
        contents.append(content);
    }
    list.append(Bytes(24));
    return concat(list, contents);
}
Bytes table(const std::vector<Bytes>& chain, const ByteArray<16>& leaf = kVcek) {
    return table({{leaf, chain[0]}, {kAsk, chain[1]}});
}

TEST(DeviceAttester, ATdxQuoteLosesItsPaddingAlone) {
    crypto::SystemRandom random;
    const auto root = simulated::RootAuthority::create(kNow).value();
    const auto platform = simulated::Platform::from_root(root, random, kNow).value();
    Bytes quote;
    const auto answer = [&](const device::ReportData& data) -> Result<device::Evidence> {
        EXPECT_TRUE(equal(data, report_data()));
        quote = platform.quote(simulated::Platform::report(report_data())).value();
        return device::Evidence{device::Kind::kTdx, concat(quote, Bytes(3000)), {}};
    };
    const Asked asked = ask(device::Kind::kTdx, answer);
    ASSERT_TRUE(asked.evidence);
    EXPECT_EQ(asked.tee, statement::TeeType::kTdx);
    EXPECT_EQ(asked.evidence->report, quote);
    EXPECT_TRUE(asked.evidence->certificates.empty());
}

TEST(DeviceAttester, NoQuoteIsAnError) {
    const auto answer = [](const device::ReportData&) -> Result<device::Evidence> {
        return device::Evidence{device::Kind::kTdx, Bytes(5000), {}};
    };
    EXPECT_EQ(ask(device::Kind::kTdx, answer).evidence.error(), device::kBadReport);
    const auto busy = [](const device::ReportData&) -> Result<device::Evidence> { return fail(device::kBusy); };
    EXPECT_EQ(ask(device::Kind::kTdx, busy).evidence.error(), device::kBusy);
}

// What a node on a machine of `world` sends, whose host has this table.
struct SnpNode {
    const simulated::SnpWorld& world;
    std::vector<Bytes> own = {Bytes{7}, Bytes{8}};

    std::vector<Bytes> sends(const Bytes& table, const std::function<void(snp::Report&)>& change) const {
        const auto answer = [&](const device::ReportData& data) {
            snp::Report report = world.platform.report(data);
            change(report);
            return Result<device::Evidence>({device::Kind::kSnp, world.platform.sign(report).value(), table});
        };
        const Asked asked = ask(device::Kind::kSnp, answer, {own, {world.authority.ark()}});
        EXPECT_EQ(asked.tee, statement::TeeType::kSnp);
        return asked.evidence.value().certificates;
    }
    std::vector<Bytes> sends(const Bytes& table) const {
        return sends(table, [](snp::Report&) {});
    }
};

TEST(DeviceAttester, AnSnpReportBringsTheHostsCertificates) {
    for (const snp::Product product : simulated::kSnpProducts)
        for (const snp::KeyKind kind : simulated::kSnpKinds) {
            const simulated::SnpWorld world(product, kind);
            const auto& chain = world.platform.certificates();
            EXPECT_EQ(SnpNode{world}.sends(table(chain, kind == snp::KeyKind::kVcek ? kVcek : kVlek)), chain);
        }
}

TEST(DeviceAttester, ItsOwnWhereTheHostHasNone) {
    const simulated::SnpWorld world;
    const SnpNode node{world};
    EXPECT_EQ(node.sends({}), node.own);
    EXPECT_EQ(node.sends(Bytes(16384)), node.own);
    Bytes broken = table(world.platform.certificates());
    broken[16] = 0xff;
    EXPECT_EQ(node.sends(broken), node.own);
    EXPECT_EQ(node.sends(table({{kVcek, world.platform.certificates()[0]}})), node.own);
}

// Certificates of another machine, of another authority, of before an update, or none at all under these names.
TEST(DeviceAttester, TheHostsCertificatesReplaceItsOwnOnlyWhereTheyAreTheReports) {
    simulated::SnpWorld world;
    const SnpNode node{world};
    const auto& good = world.platform.certificates();
    const auto impostor = simulated::SnpAuthority::create(simulated::SnpAuthoritySpec::good(world.product, world.now),
                                                          simulated::SnpCaKeys::generate(2048))
                              .value();
    const auto forged = simulated::SnpPlatform::create(impostor, world.kind, world.random, world.now).value();
    EXPECT_EQ(node.sends(table(forged.certificates())), node.own) << "another authority of that name";
    const auto other = simulated::SnpPlatform::create(world.authority, world.kind, world.random, world.now).value();
    EXPECT_EQ(node.sends(table(other.certificates())), node.own) << "another chip";
    EXPECT_EQ(node.sends(table({Bytes{1}, Bytes{2}})), node.own);
    EXPECT_EQ(node.sends(table({good[0], good[0]})), node.own);
    EXPECT_EQ(node.sends(table({good[1], good[0]})), node.own);
    EXPECT_EQ(node.sends(table({good[0], world.authority.ark().der()})), node.own);
    EXPECT_EQ(node.sends(table(good), [](snp::Report& r) { r.reported_tcb.bytes[7] += 1; }), node.own) << "TCB";
    EXPECT_EQ(node.sends(table(good), [](snp::Report& r) { r.chip_id.bytes[0] ^= 1; }), node.own) << "chip";
    EXPECT_EQ(node.sends(table(good), [](snp::Report& r) { r.key_info = 1U << 2; }), node.own) << "kind of key";
    EXPECT_EQ(node.sends(table(good), [](snp::Report& r) { r.version = 9; }), node.own) << "no report";
    for (std::size_t which : {std::size_t{0}, std::size_t{1}}) {
        auto torn = good;
        torn[which][torn[which].size() - 1] ^= 1;
        EXPECT_EQ(node.sends(table(torn)), node.own) << which;
    }
}

// The chip, TCB and kind are those of the report, and the key is another: a signature decides, and not a claim.
TEST(DeviceAttester, ALeafThatDidNotSignTheReportIsNotItsLeaf) {
    simulated::SnpWorld world;
    auto spec = simulated::SnpLeafSpec::good(world.product, world.kind, world.random, world.now);
    const auto twin = [&] { return simulated::SnpPlatform::create(world.authority, spec, world.random).value(); };
    world.platform = twin();
    const auto other = twin();
    const SnpNode node{world};
    EXPECT_EQ(node.sends(table(world.platform.certificates())), world.platform.certificates());
    EXPECT_EQ(node.sends(table(other.certificates())), node.own);
}

TEST(DeviceAttester, AMachineWithoutADeviceSaysWhy) {
    net::Loop loop;
    const auto opened = open_device_attester(loop, {});
    if (opened) GTEST_SKIP() << "this machine has a report device";
    EXPECT_EQ(opened.error(), kNoHardware);
    EXPECT_FALSE(opened.error().text().empty());
}

}  // namespace
}  // namespace openpcc::node
