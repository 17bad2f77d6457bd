// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/log.hpp"

#include <gtest/gtest.h>

#include "evidence/eventlog/digests.hpp"
#include "evidence/eventlog/replay.hpp"
#include "evidence/eventlog/written_log.hpp"

namespace openpcc::eventlog {
namespace {

void expect_malformed(const Bytes& bytes, std::string_view why) {
    const auto log = Log::parse(bytes);
    ASSERT_FALSE(log) << why;
    EXPECT_EQ(log.error(), kMalformed) << why;
    EXPECT_EQ(log.error().text(), why);
}

TEST(EventLog, ReadsWhatWasWritten) {
    const WrittenLog written = good_log();
    const auto log = Log::parse(written.bytes()).value();
    ASSERT_EQ(log.events().size(), written.events.size());
    EXPECT_TRUE(log.has(Bank::kSha384));
    EXPECT_FALSE(log.has(Bank::kSha256));
    for (std::size_t i = 0; i < written.events.size(); ++i) {
        EXPECT_EQ(log.events()[i].index, written.events[i].index);
        EXPECT_EQ(log.events()[i].type, written.events[i].type);
        EXPECT_TRUE(equal(log.digest(log.events()[i], Bank::kSha384), written.events[i].digests[0].digest));
        EXPECT_TRUE(equal(log.data(log.events()[i]), written.events[i].data));
    }
}

TEST(EventLog, EndsAtZerosAtOnesOrAtTheEnd) {
    const Bytes bytes = good_log().bytes();
    const Bytes ones{0xff, 0xff, 0xff, 0xff, 0xff};
    for (const Bytes& end : {Bytes(), Bytes(1), Bytes(4096), ones, concat(ones, Bytes(100))})
        EXPECT_EQ(Log::parse(concat(bytes, end)).value().events().size(), good_log().events.size());
    for (const Bytes& end : {Bytes{1}, concat(Bytes(64), Bytes{1}), concat(ones, Bytes{1}), Bytes{0xff, 0x00},
                             Bytes{0xff, 0xff, 0xff, 0xfe}})
        EXPECT_EQ(Log::parse(concat(bytes, end)).error(), kMalformed) << end.size();
}

TEST(EventLog, NoPrefixIsALongerHistoryThanItHolds) {
    const Bytes bytes = good_log().bytes();
    std::size_t whole = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto log = Log::parse(bytes.view().first(size));
        if (!log) continue;
        EXPECT_LT(log->events().size(), good_log().events.size()) << size;
        ++whole;
    }
    // Only where an event begins: replay shows what is missing. (A cut inside the zeros of a length is padding.)
    EXPECT_LT(whole, 4 * good_log().events.size());
}

TEST(EventLog, HeaderSaysWhatFollows) {
    const auto changed = [](auto change) {
        WrittenLog log = good_log();
        change(log);
        return log.bytes();
    };
    expect_malformed(changed([](WrittenLog& log) { log.header_index = 2; }), "the header event is none");
    expect_malformed(changed([](WrittenLog& log) { log.signature[14] = '4'; }),
                     "no \"Spec ID Event03\" at the beginning");
    expect_malformed(changed([](WrittenLog& log) { log.version = {0, 1, 0, 2}; }), "version of the format is not 2.0");
    expect_malformed(changed([](WrittenLog& log) { log.version = {0, 2, 0, 3}; }), "size of UINTN is neither 1 nor 2");
    expect_malformed(changed([](WrittenLog& log) { log.banks.clear(); }), "no bank, or too many");
    expect_malformed(changed([](WrittenLog& log) { log.banks.resize(9, {0x0c, 48}); }), "no bank, or too many");
    expect_malformed(changed([](WrittenLog& log) { log.banks = {{0x0c, 32}}; }), "a digest of a wrong size");
    expect_malformed(changed([](WrittenLog& log) { log.banks = {{0x77, 0}, {0x0c, 48}}; }), "a digest of a wrong size");
    expect_malformed(changed([](WrittenLog& log) { log.banks = {{0x77, 65}, {0x0c, 48}}; }),
                     "a digest of a wrong size");
    expect_malformed(changed([](WrittenLog& log) { log.banks = {{0x0c, 48}, {0x0c, 48}}; }), "a bank twice");
    Bytes type = good_log().bytes();
    type[4] = 4;
    expect_malformed(type, "the header event is none");
    Bytes digest = good_log().bytes();
    digest[27] = 1;
    expect_malformed(digest, "the header event is none");
    Bytes vendor = good_log().bytes();
    vendor[28] = 34;  // one byte more than the header's data had: the next event's first
    expect_malformed(vendor, "bytes behind the header event");
}

TEST(EventLog, EventsHaveEachDigestOnce) {
    const auto with = [](std::vector<WrittenDigest> digests) {
        WrittenLog log = good_log();
        log.banks = {{0x0b, 32}, {0x0c, 48}};
        log.events = {{1, kSeparator, std::move(digests), Bytes(4)}};
        return log.bytes();
    };
    EXPECT_TRUE(Log::parse(with({{0x0c, Bytes(48)}, {0x0b, Bytes(32)}})));  // in any order
    expect_malformed(with({{0x0c, Bytes(48)}}), "an event has not the digests of the header");
    expect_malformed(with({{0x0c, Bytes(48)}, {0x0c, Bytes(48)}}), "an event has a digest twice");
    expect_malformed(with({{0x0c, Bytes(48)}, {0x04, Bytes(20)}}),
                     "an event has a digest that the header does not name");
}

TEST(EventLog, RefusesRegistersAndLengthsThatAreNone) {
    WrittenLog log = good_log();
    log.events[0].index = 24;
    expect_malformed(log.bytes(), "a register beyond 23");
    Bytes bytes = good_log().bytes();
    // The size of the last event's data.
    const std::size_t at = bytes.size() - good_log().events.back().data.size() - 4;
    for (const int top : {0x01, 0x7f, 0x80, 0xff}) {
        bytes[at + 3] = static_cast<std::uint8_t>(top);
        expect_malformed(bytes, "an event is cut off");
    }
}

TEST(EventLog, OnlySha1IsRefusedForThatReason) {
    WrittenLog log = good_log();
    log.banks = {{0x04, 20}};
    log.events.clear();
    EXPECT_EQ(Log::parse(log.bytes()).error(), kSha1Only);
    Bytes old;
    for (std::uint32_t type : {kSCrtmVersion, kSeparator}) {
        put_le(old, 0, 4);
        put_le(old, type, 4);
        old.append(ByteArray<20>{});
        put_le(old, 4, 4);
        old.append(Bytes{0, 1, 2, 3});
    }
    EXPECT_EQ(Log::parse(old).error(), kSha1Only);
    EXPECT_EQ(Log::parse(concat(old, Bytes(100))).error(), kSha1Only);
    EXPECT_EQ(Log::parse(concat(old, Bytes{7})).error(), kMalformed);
    EXPECT_EQ(Log::parse(Bytes()).error(), kMalformed);
    EXPECT_EQ(Log::parse(Bytes(4096)).error(), kMalformed);
}

TEST(EventLog, IsBounded) {
    WrittenLog log;
    log.events.assign(kMaxEvents, WrittenEvent{1, kSeparator, {{0x0c, Bytes(48)}}, {}});
    EXPECT_EQ(Log::parse(log.bytes()).value().events().size(), kMaxEvents);
    log.events.push_back(log.events.back());
    EXPECT_EQ(Log::parse(log.bytes()).error(), kTooLarge);
    const Bytes bytes = good_log().bytes();
    EXPECT_TRUE(Log::parse(concat(bytes, Bytes(kMaxLog - bytes.size()))));
    EXPECT_EQ(Log::parse(concat(bytes, Bytes(kMaxLog - bytes.size() + 1))).error(), kTooLarge);
}

WrittenEvent startup(std::uint8_t locality) {
    WrittenEvent out{0, kNoAction, {{0x0c, Bytes(48)}}, to_bytes(std::string_view("StartupLocality\0", 16))};
    out.data.push_back(locality);
    return out;
}

TEST(EventLogReplay, PcrsHaveTheirStartValues) {
    WrittenLog written;
    const auto values = [&] { return replay(Log::parse(written.bytes()).value(), Bank::kSha384, Layout::kPcr); };
    written.events = {startup(3)};
    auto registers = values().value();
    EXPECT_TRUE(registers.extended.none());
    Bytes zero(48), ones(48), three(48);
    std::ranges::fill(ones.span(), std::uint8_t{0xff});
    three[47] = 3;
    EXPECT_EQ(registers.values[0], three);
    for (std::size_t pcr = 1; pcr < 24; ++pcr)
        EXPECT_EQ(registers.values[pcr], pcr >= 17 && pcr <= 22 ? ones : zero) << pcr;

    const auto event = WrittenEvent::separator(0);
    written.events = {startup(3), event};
    registers = values().value();
    EXPECT_TRUE(registers.extended.test(0));
    EXPECT_EQ(registers.values[0], Bytes(crypto::sha384(concat(three, event.digests[0].digest))));

    written.events = {startup(5)};
    EXPECT_EQ(values().error(), kMalformed);
    written.events = {startup(3), startup(3)};
    EXPECT_EQ(values().error(), kMalformed);
    written.events = {event, startup(3)};
    EXPECT_EQ(values().error(), kMalformed);
    written.events = {startup(3)};
    written.events[0].index = 1;
    EXPECT_EQ(values().error(), kMalformed);
    written.events = {startup(3)};
    written.events[0].data.push_back(0);
    EXPECT_EQ(values().error(), kMalformed);
}

TEST(EventLogReplay, BanksAndRegistersMustBeThere) {
    WrittenLog written = good_log();
    EXPECT_EQ(replay(Log::parse(written.bytes()).value(), Bank::kSha256, Layout::kTdx).error(), kMalformed);
    for (std::uint32_t index : {0U, 5U}) {
        written.events[1].index = index;
        EXPECT_EQ(replay(Log::parse(written.bytes()).value(), Bank::kSha384, Layout::kTdx).error(), kMalformed);
        EXPECT_TRUE(replay(Log::parse(written.bytes()).value(), Bank::kSha384, Layout::kPcr));
    }
}

TEST(EventLogDigests, AreOfTheDataWhereItsTypeSaysSo) {
    const auto match = [](const WrittenEvent& event) {
        WrittenLog written;
        written.events = {event};
        const auto log = Log::parse(written.bytes()).value();
        return match_data(log, log.events()[0], Bank::kSha384);
    };
    const auto ipl = [](std::string_view data, std::string_view measured) {
        return WrittenEvent{3, kIpl, {{0x0c, Bytes(crypto::sha384(as_bytes(measured)))}}, to_bytes(data)};
    };
    using namespace std::string_view_literals;
    for (std::uint32_t type :
         {kSeparator, kAction, kSCrtmVersion, kNonhostInfo, kOmitBootDevices, kEfiGpt, kEfiGpt2, kEfiAction}) {
        WrittenEvent event = WrittenEvent::of(1, type, "words");
        EXPECT_EQ(match(event), DataMatch::kEqual) << type;
        event.data[0] ^= 1;
        EXPECT_EQ(match(event), DataMatch::kDiffers) << type;
    }
    for (std::uint32_t type : {kEfiVariableDriverConfig, kEfiVariableBoot, kEfiVariableBoot2, kEfiVariableAuthority}) {
        const Bytes variable = written_variable("db", Bytes{1, 2, 3});
        EXPECT_EQ(match(WrittenEvent::of(1, type, variable)), DataMatch::kEqual) << type;
        EXPECT_EQ(match(WrittenEvent::of(1, type, concat(variable, Bytes(1)))), DataMatch::kDiffers) << type;
        WrittenEvent inner = WrittenEvent::of(1, type, Bytes{1, 2, 3});
        inner.data = variable;
        EXPECT_EQ(match(inner), type == kEfiVariableBoot ? DataMatch::kEqual : DataMatch::kDiffers) << type;
    }
    EXPECT_EQ(match(ipl("grub_cmd: set x\0"sv, "set x")), DataMatch::kEqual);
    EXPECT_EQ(match(ipl("grub_cmd set x\0"sv, "set x\0"sv)), DataMatch::kEqual);
    EXPECT_EQ(match(ipl("grub_cmd: set y\0"sv, "set x")), DataMatch::kDiffers);
    EXPECT_EQ(match(ipl("grub_cmd: set x", "set x")), DataMatch::kDiffers);
    EXPECT_EQ(match(ipl("/boot/vmlinuz\0"sv, "an image")), DataMatch::kNotDefined);
    EXPECT_EQ(match(WrittenEvent::runtime(4, "app-id:42")), DataMatch::kEqual);
    EXPECT_EQ(match(WrittenEvent::of(4, kRuntimeEvent, "app-id:42")), DataMatch::kDiffers);
    EXPECT_EQ(match(WrittenEvent::of(0, kNoAction, "anything")), DataMatch::kNotExtended);
    for (std::uint32_t type : {0x01U, 0x06U, 0x0aU, 0x80000003U, 0x8000000bU, 0x12345678U})
        EXPECT_EQ(match(WrittenEvent::of(1, type, "words")), DataMatch::kNotDefined) << type;
}

TEST(EventLogDigests, VariablesHaveTheLengthsThatTheySay) {
    const Bytes good = written_variable("db", Bytes{1, 2, 3});
    const auto variable = parse_variable(good).value();
    EXPECT_EQ(variable.name.size(), 4U);
    EXPECT_TRUE(equal(variable.data, Bytes{1, 2, 3}));
    for (std::size_t at : {16U, 23U, 24U, 31U}) {
        Bytes bad = good;
        bad[at] ^= 0x80;
        EXPECT_EQ(parse_variable(bad).error(), kMalformed) << at;
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(parse_variable(good.view().first(size)).error(), kMalformed) << size;
}

}  // namespace
}  // namespace openpcc::eventlog
