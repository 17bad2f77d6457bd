// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/eventlog/digests.hpp"
#include "evidence/eventlog/written_log.hpp"

namespace openpcc::eventlog {
namespace {

using Rtmrs = std::array<ByteArray<48>, 4>;

Rtmrs registers_of(const Bytes& log) {
    const auto registers = replay(Log::parse(log).value(), Bank::kSha384, Layout::kTdx).value();
    Rtmrs out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = ByteArray<48>::from_view(registers.values[i + 1]);
    return out;
}

struct Judged {
    Verdict verdict;
    std::optional<Verified<Log>> log;
    std::vector<std::string> failing;
};

Judged judge(const Bytes& bytes, const Rtmrs& rtmrs) {
    Judged out;
    out.log = judge_tdx_log(bytes, rtmrs, out.verdict);
    for (const Check& check : out.verdict.checks())
        if (check.outcome == Outcome::kFail) out.failing.push_back(check.id);
    EXPECT_EQ(out.verdict.checks().size(), checks().size());
    return out;
}

// Judged against the registers that this very log gives: content alone decides.
Judged judge(const WrittenLog& log) { return judge(log.bytes(), registers_of(log.bytes())); }

TEST(EventLogJudge, AGoodLogIsVerified) {
    const Judged judged = judge(good_log());
    EXPECT_EQ(judged.verdict.state(), State::kVerified);
    ASSERT_TRUE(judged.log);
    EXPECT_EQ((*judged.log)->events().size(), good_log().events.size());
}

TEST(EventLogJudge, EachRegisterMustReplay) {
    const Bytes log = good_log().bytes();
    for (std::size_t i = 0; i < 4; ++i) {
        Rtmrs rtmrs = registers_of(log);
        rtmrs[i].bytes[47] ^= 1;
        const Judged judged = judge(log, rtmrs);
        EXPECT_FALSE(judged.log);
        EXPECT_THAT(judged.failing, testing::ElementsAre("eventlog.replay.rtmr" + std::to_string(i)));
        EXPECT_EQ(judged.verdict.checks().back().outcome, Outcome::kNotRun);
    }
}

TEST(EventLogJudge, WhatIsNoLogFailsFirst) {
    const Judged judged = judge(Bytes{1, 2, 3}, Rtmrs{});
    EXPECT_THAT(judged.failing, testing::ElementsAre("eventlog.format"));
    EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
    WrittenLog other;
    other.banks = {{0x0b, 32}};
    EXPECT_THAT(judge(other.bytes(), Rtmrs{}).failing, testing::ElementsAre("eventlog.format"));
}

TEST(EventLogJudge, RegistersOfAnotherKindFail) {
    for (std::uint32_t index : {0U, 7U}) {
        WrittenLog log = good_log();
        log.events.push_back(WrittenEvent::of(index, kAction, "x"));
        EXPECT_THAT(judge(log.bytes(), Rtmrs{}).failing, testing::ElementsAre("eventlog.registers"));
    }
}

TEST(EventLogJudge, DataMustBeWhatWasMeasured) {
    WrittenLog log = good_log();
    log.events.back().data[0] ^= 1;
    const Judged judged = judge(log);
    EXPECT_THAT(judged.failing, testing::ElementsAre("eventlog.digests"));
    EXPECT_EQ(judged.verdict.first_problem()->found, "1 differ, first event 8 of type 0x08000001 in register 4");
}

TEST(EventLogJudge, SeparatorsAreOneEachInTheFirmwaresRegisters) {
    const auto expect_refused = [](const WrittenLog& log) {
        EXPECT_THAT(judge(log).failing, testing::ElementsAre("eventlog.separators"));
    };
    WrittenLog missing = good_log();
    missing.events.erase(missing.events.begin() + 1);
    expect_refused(missing);
    WrittenLog twice = good_log();
    twice.events.insert(twice.events.begin() + 1, WrittenEvent::separator(2));
    expect_refused(twice);
    for (std::uint32_t index : {3U, 4U}) {
        WrittenLog elsewhere = good_log();
        elsewhere.events.push_back(WrittenEvent::separator(index));
        expect_refused(elsewhere);
    }
    WrittenLog error = good_log();
    error.events[3] = WrittenEvent::of(2, kSeparator, Bytes{1, 0, 0, 0});
    expect_refused(error);
}

TEST(EventLogJudge, NothingBelongsToFirmwareAfterItsEnd) {
    for (std::uint32_t index : {1U, 2U}) {
        WrittenLog log = good_log();
        log.events.push_back(WrittenEvent::of(index, kEfiAction, "late"));
        EXPECT_THAT(judge(log).failing, testing::ElementsAre("eventlog.exit"));
    }
    // Between the call and its return too; a call that failed may be followed by others.
    WrittenLog between = good_log();
    between.events.insert(between.events.begin() + 7, WrittenEvent::of(2, kEfiAction, "x"));
    EXPECT_THAT(judge(between).failing, testing::ElementsAre("eventlog.exit"));
    WrittenLog again = good_log();
    again.events.insert(again.events.begin() + 7,
                        {WrittenEvent::of(2, kEfiAction, "Exit Boot Services Returned with Failure"),
                         WrittenEvent::of(2, kEfiAction, "Exit Boot Services Invocation")});
    EXPECT_THAT(judge(again).failing, testing::IsEmpty());
}

TEST(EventLogJudge, SecureBootIsOneState) {
    const auto with = [](const Bytes& value) {
        WrittenLog log = good_log();
        log.events[0] = WrittenEvent::of(1, kEfiVariableDriverConfig, written_variable("SecureBoot", value));
        return log;
    };
    for (const Bytes& off : {Bytes(), Bytes{0}}) EXPECT_EQ(judge(with(off)).verdict.state(), State::kVerifiedWithNotes);
    for (const Bytes& none : {Bytes{2}, Bytes{1, 0}})
        EXPECT_THAT(judge(with(none)).failing, testing::ElementsAre("eventlog.secure_boot"));
    WrittenLog both = good_log();
    both.events.insert(both.events.begin(), with(Bytes{0}).events[0]);
    EXPECT_THAT(judge(both).failing, testing::ElementsAre("eventlog.secure_boot"));
    WrittenLog absent = good_log();
    absent.events.erase(absent.events.begin());
    EXPECT_EQ(judge(absent).verdict.state(), State::kVerifiedWithNotes);
}

// A bit of the log is measured, or names the bank or register of what is measured, or is data of an event whose digest
// is of something else, or a type: change it, and the verdict is no longer good unless it is in this list.
TEST(EventLogFlips, OnlyWhatNoDigestCoversIsFree) {
    const WrittenLog written = good_log();
    Bytes bytes = written.bytes();
    const Rtmrs rtmrs = registers_of(bytes);
    // Free: platform class and errata in the header; data of the one event that is measured by something else (an
    // image), its type, and the type's other values that define no digest either.
    std::size_t at = written.header().size();
    std::vector<bool> free(bytes.size(), false);
    for (std::size_t i = 48; i < 52; ++i) free[i] = true;
    free[54] = true;
    free[0] = true;   // register 0 or 1: the header extends none
    free[55] = true;  // size of UINTN, 1 or 2
    for (const WrittenEvent& event : written.events) {
        const std::size_t type_at = at + 4;
        const std::size_t data_at = at + 12 + 50 + 4;
        for (std::size_t i = type_at; i < type_at + 4; ++i) free[i] = true;  // judged below
        // GRUB measures its text and not the kind before it.
        const std::size_t unmeasured = event.type == 0x80000003 ? event.data.size()
                                       : event.type == kIpl     ? std::string_view("kernel_cmdline: ").size()
                                                                : 0;
        for (std::size_t i = data_at; i < data_at + unmeasured; ++i) free[i] = true;
        at = data_at + event.data.size();
    }
    ASSERT_EQ(at, bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            bytes[i] ^= static_cast<std::uint8_t>(1U << bit);
            if (!free[i]) {
                EXPECT_FALSE(judge(bytes, rtmrs).verdict.good()) << "byte " << i << " bit " << bit;
            }
            bytes[i] ^= static_cast<std::uint8_t>(1U << bit);
        }
}

// A type is covered by no digest. Changed, it may make data a hint; it never makes other data count.
TEST(EventLogFlips, ATypeNeverMakesOtherDataCount) {
    const WrittenLog written = good_log();
    const Rtmrs rtmrs = registers_of(written.bytes());
    for (std::size_t i = 0; i < written.events.size(); ++i)
        for (unsigned bit = 0; bit < 32; ++bit) {
            WrittenLog log = written;
            log.events[i].type ^= 1U << bit;
            const Judged judged = judge(log.bytes(), rtmrs);
            if (!judged.log) continue;
            const Event& event = (*judged.log)->events()[i];
            if (match_data(**judged.log, event, Bank::kSha384) != DataMatch::kEqual) continue;
            EXPECT_TRUE(equal(crypto::sha384(log.events[i].data), log.events[i].digests[0].digest))
                << "event " << i << " bit " << bit;
        }
}

// Relabelled, an event is still what its digest is of: no rule can be slipped past by its type.
TEST(EventLogFlips, ATypeHidesNothingFromTheRules) {
    WrittenLog twice = good_log();
    twice.events.insert(twice.events.begin() + 1, WrittenEvent::separator(2));
    twice.events[1].type = 0x0a;
    EXPECT_THAT(judge(twice).failing, testing::ElementsAre("eventlog.separators"));
    WrittenLog late = good_log();
    late.events.push_back(WrittenEvent::of(2, kEfiAction, "late"));
    for (WrittenEvent& event : late.events)
        if (event.type == kEfiAction) event.type = 0x0a;
    EXPECT_THAT(judge(late).failing, testing::ElementsAre("eventlog.exit"));
    WrittenLog both = good_log();
    both.events.insert(both.events.begin(), WrittenEvent::of(1, 0x0a, written_variable("SecureBoot", Bytes{0})));
    EXPECT_THAT(judge(both).failing, testing::ElementsAre("eventlog.secure_boot"));
}

TEST(EventLogFlips, EventsCannotBeDroppedDoubledOrSwapped) {
    const WrittenLog written = good_log();
    const Rtmrs rtmrs = registers_of(written.bytes());
    for (std::size_t i = 0; i < written.events.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        WrittenLog dropped = written;
        dropped.events.erase(dropped.events.begin() + at);
        EXPECT_FALSE(judge(dropped.bytes(), rtmrs).verdict.good()) << i;
        WrittenLog doubled = written;
        doubled.events.insert(doubled.events.begin() + at, written.events[i]);
        EXPECT_FALSE(judge(doubled.bytes(), rtmrs).verdict.good()) << i;
        for (std::size_t j = 0; j < i; ++j) {
            if (written.events[i].index != written.events[j].index) continue;
            WrittenLog swapped = written;
            std::swap(swapped.events[i], swapped.events[j]);
            EXPECT_FALSE(judge(swapped.bytes(), rtmrs).verdict.good()) << i << " and " << j;
        }
    }
    WrittenLog more = written;
    more.events.push_back(WrittenEvent::runtime(4, "more"));
    EXPECT_FALSE(judge(more.bytes(), rtmrs).verdict.good());
}

}  // namespace
}  // namespace openpcc::eventlog
