// SPDX-License-Identifier: Apache-2.0
// Real logs, kept beside the tree and not in it, against the registers that were recorded with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "core/text.hpp"
#include "evidence/eventlog/digests.hpp"
#include "evidence/eventlog/judge.hpp"
#include "evidence/eventlog/written_log.hpp"
#include "wire/json.hpp"

namespace openpcc::eventlog {
namespace {

const std::filesystem::path kEvidence = std::filesystem::path(OPENPCC_SOURCE_DIR).parent_path() / "shared" / "evidence";

Bytes load(const std::string& name) {
    std::ifstream file(kEvidence / name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return to_bytes(std::string((std::istreambuf_iterator<char>(file)), {}));
}

json::Value load_json(const std::string& name) { return json::parse(load(name)).value(); }

enum class Separators { kOneEach, kOthers };  // in the registers of firmware

// Sample is one real log: what is found in it beside its registers.
struct Sample {
    std::string file;
    Layout layout;
    SecureBoot secure_boot;
    std::size_t differing = 0;
    Separators separators = Separators::kOneEach;
};

const std::string kCcel = "eventlog/go-eventlog-ccel/";
const std::string kAttestation = "eventlog/go-attestation/";
const std::string kTools = "eventlog/go-tpm-tools/";

constexpr SecureBoot kOn = SecureBoot::kOn;
constexpr SecureBoot kOff = SecureBoot::kOff;

// Two differ where old versions of shim measured all but the last byte of what they logged.
const Sample kSamples[] = {
    {kCcel + "cos-113-intel-tdx.bin", Layout::kTdx, kOff},
    {kCcel + "event_log.bin", Layout::kTdx, kOff, 0,
     Separators::kOthers},  // one for each PCR that a register stands for
    {kAttestation + "coreos_36_shielded_vm_no_secure_boot_eventlog", Layout::kPcr, kOff},
    {kAttestation + "crypto_agile_eventlog", Layout::kPcr, kOff},
    {kAttestation + "sb_cert_eventlog", Layout::kPcr, kOn, 2, Separators::kOthers},  // cut out of a log
    {kTools + "arch-linux-workstation.bin", Layout::kPcr, kOff},
    {kTools + "confidential-gke-debug-251000_eventlog.bin", Layout::kPcr, kOn},
    {kTools + "cos-101-amd-sev.bin", Layout::kPcr, kOn},
    {kTools + "cos-93-amd-sev.bin", Layout::kPcr, kOn, 2},
    {kTools + "eventlogwithsp800155.bin", Layout::kPcr, kOn},
    {kTools + "rhel8-uefi.bin", Layout::kPcr, kOn},
    {kTools + "ubuntu-1804-amd-sev.bin", Layout::kPcr, kOff},
    {kTools + "ubuntu-2104-no-dbx.bin", Layout::kPcr, kOff},
    {kTools + "ubuntu-2104-no-secure-boot.bin", Layout::kPcr, kOff},
    {"eventlog/trustauthority/binary_bios_measurements20", Layout::kPcr, kOff},
    {"tpm/go-tpm-tools/gce-cos-85-nonce9009/eventlog.bin", Layout::kPcr, kOn, 2},
};

const std::map<std::string, Bank> kBanks = {
    {"sha256", Bank::kSha256}, {"sha384", Bank::kSha384}, {"sha512", Bank::kSha512}};

// Compares every register of every bank of an oracle; how many were compared. Banks of SHA-1 are never replayed.
std::size_t compare(const Log& log, Layout layout, const json::Value& oracle) {
    std::size_t compared = 0;
    for (const auto& [name, registers] : oracle.members()) {
        if (name == "sha1") continue;
        const auto replayed = replay(log, kBanks.at(name), layout).value();
        for (const auto& [index, value] : registers.members()) {
            EXPECT_EQ(to_hex(replayed.values.at(std::stoul(index))), *value.as_string()) << name << " " << index;
            ++compared;
        }
    }
    return compared;
}

class EventLogSamples : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(kEvidence / "manifest.json"))
            GTEST_SKIP() << "NO REAL EVIDENCE: " << kEvidence << " is missing; genuine logs are NOT tested here";
    }
};

TEST_F(EventLogSamples, EveryBankReplaysToWhatWasRecorded) {
    std::size_t compared = 0;
    std::size_t oracles = 0;
    for (const Sample& sample : kSamples) {
        SCOPED_TRACE(sample.file);
        const auto log = Log::parse(load(sample.file));
        ASSERT_TRUE(log) << log.error().describe();
        for (const char* kind : {".replay.json", ".pcrs.json"}) {
            if (!std::filesystem::exists(kEvidence / (sample.file + kind))) continue;
            compared += compare(*log, sample.layout, load_json(sample.file + kind));
            ++oracles;
        }
    }
    EXPECT_EQ(oracles, 24U);
    EXPECT_GT(compared, 300U);
}

TEST_F(EventLogSamples, WhatIsFoundInThem) {
    for (const Sample& sample : kSamples) {
        SCOPED_TRACE(sample.file);
        const auto log = Log::parse(load(sample.file)).value();
        const Bank bank = log.has(Bank::kSha256) ? Bank::kSha256 : Bank::kSha384;
        const Findings found = examine(log, bank, sample.layout);
        EXPECT_GT(found.equal, 5U);
        EXPECT_EQ(found.differing, sample.differing)
            << (found.first_differing ? log.events()[*found.first_differing].type : 0);
        EXPECT_EQ(to_string(found.secure_boot), to_string(sample.secure_boot));
        const std::uint32_t first = sample.layout == Layout::kPcr ? 0 : 1;
        const std::uint32_t last = sample.layout == Layout::kPcr ? 7 : 2;
        bool one_each = true;
        for (std::uint32_t i = 0; i < kRegisters; ++i)
            one_each = one_each && found.separators[i] == (i >= first && i <= last ? 1U : 0U);
        EXPECT_EQ(one_each, sample.separators == Separators::kOneEach) << testing::PrintToString(found.separators);
        EXPECT_FALSE(found.error_separator);
        EXPECT_FALSE(found.after_exit.has_value()) << *found.after_exit;
    }
}

TEST_F(EventLogSamples, WhatIsNoLogIsRefusedForItsReason) {
    EXPECT_EQ(Log::parse(load(kTools + "debian-10.bin")).error(), kSha1Only);
    EXPECT_EQ(Log::parse(load("eventlog/trustauthority/binary_bios_measurements12")).error(), kSha1Only);
    const auto table = Log::parse(load(kCcel + "CCEL.bin"));
    EXPECT_EQ(table.error(), kMalformed);
    EXPECT_EQ(table.error().text(), "the ACPI table that points at a log, and no log");
    EXPECT_EQ(Log::parse(load("tdx/go-tdx-guest/ccel/ccel_table.dat")).error(), kMalformed);
}

// RTMR0 to RTMR3 of a quote of version 4: the header, then the body's members before them.
std::array<ByteArray<48>, 4> rtmrs_of(ByteView quote) {
    std::array<ByteArray<48>, 4> out;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = ByteArray<48>::from_view(quote.subspan(48 + 328 + 48 * i, 48));
    return out;
}

std::vector<std::string> failing(const Verdict& verdict) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks())
        if (check.outcome == Outcome::kFail) out.push_back(check.id);
    return out;
}

TEST_F(EventLogSamples, ALogOfAConfidentialVmIsVerified) {
    const auto rtmrs = rtmrs_of(load("tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat"));
    for (const std::string& file :
         {std::string("tdx/go-tdx-guest/ccel/ccel_data.dat"), kCcel + "cos-113-intel-tdx.bin"}) {
        Verdict verdict;
        EXPECT_TRUE(judge_tdx_log(load(file), rtmrs, verdict));
        EXPECT_EQ(verdict.state(), State::kVerifiedWithNotes) << testing::PrintToString(failing(verdict));
    }
}

TEST_F(EventLogSamples, LogsOfOtherMachinesDoNotReplay) {
    const auto rtmrs = rtmrs_of(load("tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat"));
    for (const std::string& file :
         {std::string("tdx/trustee/CCEL_data"), std::string("tdx/trustee/CCEL_data_ovmf"), kCcel + "event_log.bin"}) {
        ASSERT_TRUE(Log::parse(load(file))) << file;
        Verdict verdict;
        EXPECT_FALSE(judge_tdx_log(load(file), rtmrs, verdict));
        EXPECT_EQ(verdict.state(), State::kNotVerified);
        EXPECT_THAT(failing(verdict), testing::Contains("eventlog.replay.rtmr0")) << file;
    }
    Verdict verdict;
    EXPECT_FALSE(judge_tdx_log(load(kTools + "cos-101-amd-sev.bin"), rtmrs, verdict));
    EXPECT_THAT(failing(verdict), testing::ElementsAre("eventlog.registers"));
}

// dstack gives its log as JSON, with the events of the running system beside those of firmware. Here it is written in
// the binary format.
Bytes from_json(const json::Value& events) {
    WrittenLog out;
    for (const json::Value& event : events.elements()) {
        WrittenEvent next;
        next.index = static_cast<std::uint32_t>(*event.get("imr")->as_int()) + 1;
        next.type = static_cast<std::uint32_t>(*event.get("event_type")->as_int());
        next.digests = {{0x0c, from_hex(*event.get("digest")->as_string()).value()}};
        next.data = from_hex(*event.get("event_payload")->as_string()).value();
        if (next.type == kRuntimeEvent)
            next.data = concat(as_bytes(*event.get("event")->as_string()), as_bytes(":"), next.data);
        out.events.push_back(std::move(next));
    }
    return out.bytes();
}

void judge_dstack(const json::Value& events, ByteView quote, std::size_t runtime_events) {
    const Bytes bytes = from_json(events);
    Verdict verdict;
    const auto log = judge_tdx_log(bytes, rtmrs_of(quote), verdict);
    EXPECT_EQ(verdict.state(), State::kVerifiedWithNotes) << testing::PrintToString(failing(verdict));
    ASSERT_TRUE(log);
    std::size_t seen = 0;
    for (const Event& event : (*log)->events()) {
        if (event.type != kRuntimeEvent) continue;
        EXPECT_EQ(match_data(**log, event, Bank::kSha384), DataMatch::kEqual);
        ++seen;
    }
    EXPECT_EQ(seen, runtime_events);
}

TEST_F(EventLogSamples, LogsOfDstackAreVerifiedWithTheirQuotes) {
    for (const char* file : {"tdx/dstack/examples-report.json", "tdx/dstack/quote-report.json"}) {
        SCOPED_TRACE(file);
        const auto report = load_json(file);
        const json::Value& member = *report.get("event_log");
        const auto events = member.is_string() ? json::parse(as_bytes(*member.as_string())).value() : member.clone();
        std::string_view hex = *report.get("quote")->as_string();
        if (hex.starts_with("0x")) hex.remove_prefix(2);
        judge_dstack(events, from_hex(hex).value(), 8);
    }
    Bytes near;  // a JSON list of bytes
    const auto quote = load_json("tdx/near-mpc/quote.json");
    for (const json::Value& byte : quote.elements()) near.push_back(static_cast<std::uint8_t>(byte.as_int().value()));
    const auto tcb_info = load_json("tdx/near-mpc/tcb_info.json");
    judge_dstack(*tcb_info.get("event_log"), near, 9);
    judge_dstack(load_json("tdx/nearai/event_log.json"), load("tdx/nearai/quote.bin"), 9);
}

// No log of the collection is forgotten above.
TEST_F(EventLogSamples, EveryLogOfTheIndexIsUsed) {
    const std::set<std::string> elsewhere = {kTools + "debian-10.bin", kCcel + "CCEL.bin",
                                             "eventlog/trustauthority/binary_bios_measurements12"};
    std::size_t seen = 0;
    const auto manifest = load_json("manifest.json");
    for (const json::Value& row : manifest.elements()) {
        const std::string file(*row.get("file")->as_string());
        if (*row.get("kind")->as_string() != "eventlog" || file.ends_with(".json")) continue;
        ++seen;
        const bool used = std::ranges::any_of(kSamples, [&](const Sample& sample) { return sample.file == file; });
        EXPECT_TRUE(used || elsewhere.contains(file)) << file;
    }
    EXPECT_EQ(seen, 18U);
}

}  // namespace
}  // namespace openpcc::eventlog
