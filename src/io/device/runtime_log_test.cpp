// SPDX-License-Identifier: Apache-2.0
#include "io/device/runtime_log.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "evidence/eventlog/digests.hpp"
#include "evidence/eventlog/judge.hpp"
#include "evidence/eventlog/written_log.hpp"
#include "io/device/scripted_files.hpp"

namespace openpcc::device {
namespace {

const std::string kLog = "/run/openpcc/events";
const std::string kFolder = "/sys/devices/virtual/misc/tdx_guest/measurements/";
const std::string kCcel = "/sys/firmware/acpi/tables/data/CCEL";

// Writing a register extends it.
class ScriptedTd : public ScriptedFiles {
  public:
    ScriptedTd() {
        for (const char* name : {"rtmr2:sha384", "rtmr3:sha384"}) content[kFolder + name] = Bytes(48);
    }
    bool others_extend = false;

    Answer<> write(const std::string& path, ByteView bytes) override {
        EXPECT_EQ(locked, 1) << "extended without the lock";
        if (const int error = next_error(path)) return std::unexpected(error);
        if (!content.contains(path)) return std::unexpected(ENOENT);
        if (bytes.size() != 48) return std::unexpected(EINVAL);
        calls.push_back("write " + path);
        content[path] = Bytes(crypto::sha384(concat(content[path], bytes)));
        if (others_extend) content[path] = Bytes(crypto::sha384(concat(content[path], bytes)));
        return {};
    }

    std::array<ByteArray<48>, 4> registers(const Bytes& firmware) const {
        std::array<ByteArray<48>, 4> out;
        const auto log = eventlog::Log::parse(firmware).value();
        const auto start = eventlog::replay(log, eventlog::Bank::kSha384, eventlog::Layout::kTdx).value();
        out[0] = ByteArray<48>::from_view(start.values[1]);
        out[1] = ByteArray<48>::from_view(start.values[2]);
        out[2] = ByteArray<48>::from_view(content.at(kFolder + "rtmr2:sha384"));
        out[3] = ByteArray<48>::from_view(content.at(kFolder + "rtmr3:sha384"));
        return out;
    }
};

eventlog::WrittenLog firmware_log() {
    eventlog::WrittenLog out = eventlog::good_log();
    std::erase_if(out.events, [](const auto& event) { return event.index > 2; });
    return out;
}

TEST(RuntimeLog, WhatItWritesReplaysToTheRegisters) {
    ScriptedTd td;
    const Bytes firmware = firmware_log().bytes();
    td.content[kCcel] = concat(firmware, Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, Bytes(4096));
    RuntimeLog log(td, kLog);
    const Bytes payload{1, 2, 3, ':', 0};
    ASSERT_TRUE(log.extend(Rtmr::kRtmr3, "release", as_bytes("1.0")));
    ASSERT_TRUE(log.extend(Rtmr::kRtmr2, "policy", payload));
    ASSERT_TRUE(log.extend(Rtmr::kRtmr3, "role", as_bytes("node")));
    const Bytes whole = log.whole().value();
    Verdict verdict;
    const auto judged = eventlog::judge_tdx_log(whole, td.registers(firmware), verdict);
    EXPECT_EQ(verdict.state(), State::kVerified) << verdict.first_problem()->id;
    ASSERT_TRUE(judged);
    const auto& last = (*judged)->events().back();
    EXPECT_EQ(eventlog::match_data(**judged, last, eventlog::Bank::kSha384), eventlog::DataMatch::kEqual);
    EXPECT_EQ(as_text((*judged)->data(last)), "role:node");
}

TEST(RuntimeLog, WritesTheLogBeforeItExtends) {
    ScriptedTd td;
    ASSERT_TRUE(RuntimeLog(td, kLog).extend(Rtmr::kRtmr3, "role", as_bytes("node")));
    const auto at = [&](const std::string& call) { return std::ranges::find(td.calls, call) - td.calls.begin(); };
    EXPECT_LT(at("lock " + kLog), at("append " + kLog));
    EXPECT_LT(at("append " + kLog), at("write " + kFolder + "rtmr3:sha384"));
    EXPECT_LT(at("write " + kFolder + "rtmr3:sha384"), static_cast<std::ptrdiff_t>(td.calls.size()));
    EXPECT_EQ(td.locked, 0);
}

TEST(RuntimeLog, TakesAnEventBackWhoseRegisterIsNotExtended) {
    ScriptedTd td;
    RuntimeLog log(td, kLog);
    ASSERT_TRUE(log.extend(Rtmr::kRtmr3, "one", {}));
    const Bytes before = td.content[kLog];
    td.errors[kFolder + "rtmr3:sha384"] = {0, EIO};  // read, then write
    EXPECT_EQ(log.extend(Rtmr::kRtmr3, "two", {}).error(), kFailed);
    EXPECT_EQ(td.content[kLog], before);
    td.errors[kLog] = {0, ENOSPC};
    EXPECT_EQ(log.extend(Rtmr::kRtmr3, "two", {}).error(), kFailed);
    EXPECT_EQ(td.content[kLog], before);
    // What cannot be taken back is said: the log does not replay any more.
    td.errors[kFolder + "rtmr3:sha384"] = {0, EIO};
    td.errors[kLog] = {0, 0, EIO};
    EXPECT_EQ(log.extend(Rtmr::kRtmr3, "two", {}).error(), kNotExtended);
}

TEST(RuntimeLog, NoticesThatSomebodyElseExtends) {
    ScriptedTd td;
    td.others_extend = true;
    EXPECT_EQ(RuntimeLog(td, kLog).extend(Rtmr::kRtmr3, "role", {}).error(), kNotExtended);
}

TEST(RuntimeLog, NeedsRegistersAndBoundedEvents) {
    ScriptedFiles bare;
    EXPECT_EQ(RuntimeLog(bare, kLog).extend(Rtmr::kRtmr3, "role", {}).error(), kNone);
    ScriptedTd td;
    RuntimeLog log(td, kLog);
    for (const std::string& name : {std::string(), std::string("a:b"), std::string("A"), std::string(65, 'a')})
        EXPECT_EQ(log.extend(Rtmr::kRtmr3, name, {}).error(), kNotExtended) << name;
    EXPECT_EQ(log.extend(Rtmr::kRtmr3, "a", Bytes(kMaxEventPayload + 1)).error(), kNotExtended);
    EXPECT_TRUE(log.extend(Rtmr::kRtmr3, std::string(64, 'a'), Bytes(kMaxEventPayload)));
    td.content[kLog] = Bytes(kMaxEventLog - 10);
    EXPECT_EQ(log.extend(Rtmr::kRtmr3, "a", {}).error(), kNotExtended);
    td.content[kFolder + "rtmr3:sha384"] = Bytes(47);
    EXPECT_EQ(log.extend(Rtmr::kRtmr3, "a", {}).error(), kFailed);
}

TEST(RuntimeLog, StandsAloneWithoutFirmwaresLog) {
    ScriptedTd td;
    EXPECT_EQ(read_ccel(td).error(), kNone);
    RuntimeLog log(td, kLog);
    ASSERT_TRUE(log.extend(Rtmr::kRtmr3, "role", as_bytes("node")));
    const auto parsed = eventlog::Log::parse(log.whole().value()).value();
    ASSERT_EQ(parsed.events().size(), 1U);
    EXPECT_EQ(parsed.events()[0].index, 4U);
    td.content[kCcel] = Bytes{1, 2, 3};
    EXPECT_EQ(log.whole().error(), kFailed);
}

TEST(RuntimeLog, FindsTheEndOfFirmwaresLog) {
    const Bytes log = firmware_log().bytes();
    const Bytes ones{0xff, 0xff, 0xff, 0xff};
    for (const Bytes& padding : {Bytes(), Bytes(1), Bytes(70000), ones, concat(ones, Bytes(100))})
        EXPECT_EQ(end_of_log(concat(log, padding)).value(), log.size()) << padding.size();
    EXPECT_EQ(end_of_log(concat(log, Bytes{1})).error(), kFailed);
    EXPECT_EQ(end_of_log(Bytes(100)).error(), kFailed);
    // Zeros that are no padding end the search at once.
    EXPECT_EQ(end_of_log(concat(log, Bytes(kMaxEventLog), Bytes{1})).error(), kFailed);
    Bytes longer = log;
    longer[28] = 0xff;
    EXPECT_EQ(end_of_log(longer).error(), kFailed);
}

}  // namespace
}  // namespace openpcc::device
