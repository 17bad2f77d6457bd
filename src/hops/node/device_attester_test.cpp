// SPDX-License-Identifier: Apache-2.0
#include "hops/node/device_attester.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "evidence/simulated/authority.hpp"
#include "evidence/simulated/platform.hpp"
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

Asked ask(device::Kind kind, ScriptedDevice::Answer answer, std::vector<Bytes> certificates = {}) {
    net::Loop loop;
    const auto attester =
        make_device_attester(loop, std::make_unique<ScriptedDevice>(kind, std::move(answer)), std::move(certificates));
    EXPECT_FALSE(attester->simulated());
    return {loop.run_until_done(attester->evidence(report_data())), attester->tee()};
}

Result<device::Evidence> snp(const Bytes& table) { return device::Evidence{device::Kind::kSnp, Bytes(1184), table}; }

Bytes table_with_chain() {
    Bytes out;
    const auto entry = [&](std::initializer_list<std::uint8_t> guid, std::uint8_t offset) {
        out.append(Bytes(guid));
        out.append(Bytes{offset, 0, 0, 0, 1, 0, 0, 0});
    };
    entry({0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}, 72);
    entry({0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82}, 73);
    out.append(Bytes(24));
    out.append(Bytes{1, 2});
    return out;
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

TEST(DeviceAttester, AnSnpReportBringsTheHostsCertificatesOrElseTheGiven) {
    const std::vector<Bytes> given = {Bytes{7}, Bytes{8}};
    const auto certificates = [&](const Bytes& table) {
        const Asked asked = ask(device::Kind::kSnp, [&](const auto&) { return snp(table); }, given);
        EXPECT_EQ(asked.tee, statement::TeeType::kSnp);
        EXPECT_EQ(asked.evidence.value().report.size(), 1184U);
        return asked.evidence.value().certificates;
    };
    EXPECT_EQ(certificates(table_with_chain()), (std::vector<Bytes>{Bytes{1}, Bytes{2}}));
    EXPECT_EQ(certificates(Bytes(16384)), given);
    Bytes broken = table_with_chain();
    broken[16] = 0xff;
    EXPECT_EQ(certificates(broken), given);
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
