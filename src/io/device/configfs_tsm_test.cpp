// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/device/scripted_files.hpp"

namespace openpcc::device {
namespace {

const std::string kReports = "/sys/kernel/config/tsm/report";

// What the kernel does with a report folder (drivers/virt/coco/guest/report.c): a generation that each accepted write
// moves on, a request that is taken when its file is closed, a report that is made when it is read.
class ScriptedTsm : public ScriptedFiles {
  public:
    std::string provider = "tdx_guest";
    bool present = true;
    int make_error = 0;
    std::deque<int> outblob_errors;  // before a report is made
    std::function<Bytes(ByteView)> make = [](ByteView data) { return tdx_report(data); };
    Bytes auxblob;
    bool lose_request = false;        // an error at close, which nobody hears of
    std::function<void()> meanwhile;  // somebody else, while the report is made
    unsigned generation = 0;
    Bytes inblob;
    std::string privilege;

    Answer<> make_folder(const std::string& path) override {
        if (!present) return std::unexpected(ENOENT);
        if (make_error != 0) return std::unexpected(make_error);
        generation = 0;
        inblob = {};
        privilege.clear();
        return ScriptedFiles::make_folder(path);
    }
    Answer<> write(const std::string& path, ByteView bytes) override {
        calls.push_back("write " + path);
        if (!in_entry(path)) return std::unexpected(ENOENT);
        if (const int error = next_error(name(path))) return std::unexpected(error);
        if (name(path) == "privlevel" && provider == "sev_guest") {
            privilege = std::string(as_text(bytes));
        } else if (name(path) == "inblob") {
            if (bytes.size() > 64) return std::unexpected(EFBIG);
            if (lose_request) return {};
            inblob = Bytes(bytes);
        } else {
            return std::unexpected(ENOENT);
        }
        ++generation;
        return {};
    }
    Answer<Bytes> read(const std::string& path, std::size_t limit) override {
        calls.push_back("read " + path);
        if (!in_entry(path)) return std::unexpected(ENOENT);
        if (name(path) == "provider") return to_bytes(provider + "\n");
        if (name(path) == "generation") return to_bytes(std::to_string(generation) + "\n");
        if (name(path) == "privlevel_floor" && provider == "sev_guest") return to_bytes("1\n");
        if (name(path) == "auxblob" && provider == "sev_guest") return bounded(auxblob, limit);
        if (name(path) != "outblob") return std::unexpected(ENOENT);
        if (!outblob_errors.empty()) {
            const int error = outblob_errors.front();
            outblob_errors.pop_front();
            if (error != 0) return std::unexpected(error);
        }
        if (inblob.empty()) return std::unexpected(EINVAL);
        const Bytes report = make(inblob);
        if (meanwhile) meanwhile();
        return bounded(report, limit);
    }

  private:
    static std::string name(const std::string& path) { return path.substr(path.rfind('/') + 1); }
    bool in_entry(const std::string& path) const { return folders.contains(path.substr(0, path.rfind('/'))); }
    static Answer<Bytes> bounded(const Bytes& bytes, std::size_t limit) {
        if (bytes.size() > limit) return std::unexpected(EFBIG);
        return bytes;
    }
};

struct Asked {
    Options options;
    std::vector<Milliseconds> waits;
    Asked() {
        options.wait = [this](Milliseconds time) { waits.push_back(time); };
    }
    Result<Evidence> ask(ScriptedTsm& tsm, std::uint8_t fill = 7) {
        auto device = open_configfs_tsm(tsm, options);
        if (!device) return std::unexpected(device.error());
        auto out = (*device)->report(report_data(fill), soon());
        EXPECT_TRUE(tsm.folders.empty()) << "a request is left over";
        return out;
    }
};

TEST(ConfigfsTsm, AsksForTheReportOverExactlyTheData) {
    ScriptedTsm tsm;
    Asked asked;
    const auto evidence = asked.ask(tsm).value();
    EXPECT_EQ(evidence.kind, Kind::kTdx);
    EXPECT_EQ(evidence.report, tdx_report(report_data(7)));
    EXPECT_TRUE(evidence.auxiliary.empty());
    EXPECT_EQ(tsm.inblob, Bytes(report_data(7)));
    EXPECT_TRUE(asked.waits.empty());
    tsm.make = [](ByteView data) { return tdx_report(data, 5); };
    EXPECT_TRUE(asked.ask(tsm));
}

TEST(ConfigfsTsm, SnpBringsTheHostsTableAndItsPrivilegeLevel) {
    ScriptedTsm tsm;
    tsm.provider = "sev_guest";
    tsm.make = snp_report;
    tsm.auxblob = Bytes{1, 2, 3};
    Asked asked;
    asked.options.privilege_level = 2;
    const auto evidence = asked.ask(tsm).value();
    EXPECT_EQ(evidence.kind, Kind::kSnp);
    EXPECT_EQ(evidence.auxiliary, tsm.auxblob);
    EXPECT_EQ(tsm.privilege, "2");
    asked.options.privilege_level = 0;  // below the floor of this guest
    EXPECT_EQ(asked.ask(tsm).error(), kFailed);
    asked.options.privilege_level.reset();
    EXPECT_TRUE(asked.ask(tsm));
    EXPECT_EQ(tsm.privilege, "");
}

TEST(ConfigfsTsm, EveryRequestHasAFolderOfItsOwn) {
    ScriptedTsm tsm;
    Asked asked;
    (void)asked.ask(tsm);
    (void)asked.ask(tsm);
    std::set<std::string> made;
    std::size_t count = 0;
    for (const std::string& call : tsm.calls)
        if (call.starts_with("make ")) made.insert(call), ++count;
    EXPECT_EQ(count, 4U);  // opening asks for the kind
    EXPECT_EQ(made.size(), count);
}

TEST(ConfigfsTsm, FoldersThatAreLeftOverAreNotUsed) {
    ScriptedTsm tsm;
    Asked asked;
    ASSERT_TRUE(asked.ask(tsm));
    const std::string last = tsm.calls[tsm.calls.size() - 1];
    const std::string stem = last.substr(7, last.rfind('-') - 7 + 1);
    const unsigned number = static_cast<unsigned>(std::stoul(last.substr(last.rfind('-') + 1)));
    for (unsigned i = 1; i <= 3; ++i) tsm.folders.insert(stem + std::to_string(number + i));
    auto device = open_configfs_tsm(tsm, asked.options);
    ASSERT_TRUE(device);
    EXPECT_TRUE((*device)->report(report_data(1), soon()));
    EXPECT_EQ(tsm.folders.size(), 3U);
    // All of them taken: an end, and no search for ever.
    for (unsigned i = 4; i <= 200; ++i) tsm.folders.insert(stem + std::to_string(number + i));
    EXPECT_EQ((*device)->report(report_data(1), soon()).error(), kFailed);
}

TEST(ConfigfsTsm, BusyIsAskedAgainWithLongerWaits) {
    ScriptedTsm tsm;
    tsm.outblob_errors = {EBUSY, EINTR, EBUSY};
    Asked asked;
    EXPECT_TRUE(asked.ask(tsm));
    EXPECT_THAT(asked.waits, testing::ElementsAre(Milliseconds(5), Milliseconds(10), Milliseconds(20)));
}

TEST(ConfigfsTsm, BusyForEverEnds) {
    ScriptedTsm tsm;
    tsm.outblob_errors = std::deque<int>(1000, EBUSY);
    Asked asked;
    EXPECT_EQ(asked.ask(tsm).error(), kBusy);
    EXPECT_EQ(tsm.outblob_errors.size(), 1000 - asked.options.attempts);
    auto device = open_configfs_tsm(tsm, asked.options).value();
    const std::size_t before = tsm.outblob_errors.size();
    EXPECT_EQ(device->report(report_data(1), std::chrono::steady_clock::now()).error(), kBusy);
    EXPECT_EQ(tsm.outblob_errors.size(), before - 1) << "a deadline that is over allows one attempt";
}

TEST(ConfigfsTsm, ARequestThatIsNotTakenOrNotOursIsNoReport) {
    ScriptedTsm lost;
    lost.lose_request = true;
    Asked asked;
    EXPECT_EQ(asked.ask(lost).error(), kBusy);
    ScriptedTsm mixed;
    mixed.meanwhile = [&] { ++mixed.generation; };
    EXPECT_EQ(asked.ask(mixed).error(), kBusy);
}

TEST(ConfigfsTsm, OtherErrorsAreFinal) {
    for (const int error : {EIO, EFAULT, ENOTTY, EPERM}) {
        ScriptedTsm tsm;
        tsm.outblob_errors = {error};
        Asked asked;
        EXPECT_EQ(asked.ask(tsm).error(), kFailed);
        EXPECT_TRUE(asked.waits.empty());
    }
    ScriptedTsm big;
    big.outblob_errors = {EFBIG};
    Asked asked;
    EXPECT_EQ(asked.ask(big).error(), kBadReport);
}

TEST(ConfigfsTsm, WhatComesBackMustBeAReportOverTheData) {
    const std::vector<std::function<Bytes(ByteView)>> makers = {
        [](ByteView) { return Bytes(); },
        [](ByteView) { return Bytes(16); },
        [](ByteView) { return tdx_report(report_data(8)); },  // somebody else's data
        [](ByteView data) { return tdx_report(data, 3); },    // SGX
        [](ByteView data) { return snp_report(data); },       // of another machine
        [](ByteView) { return Bytes(kMaxReport + 1); },
    };
    for (std::size_t i = 0; i < makers.size(); ++i) {
        ScriptedTsm tsm;
        tsm.make = makers[i];
        Asked asked;
        EXPECT_EQ(asked.ask(tsm).error(), kBadReport) << i;
    }
    ScriptedTsm snp;
    snp.provider = "sev_guest";
    snp.make = [](ByteView data) { return concat(snp_report(data), Bytes(1)); };
    Asked asked;
    EXPECT_EQ(asked.ask(snp).error(), kBadReport);
    snp.make = snp_report;
    snp.auxblob = Bytes(kMaxCertificates + 1);
    EXPECT_EQ(asked.ask(snp).error(), kBadReport);
}

TEST(ConfigfsTsm, SaysWhyThereIsNone) {
    Asked asked;
    ScriptedTsm absent;
    absent.present = false;
    EXPECT_EQ(asked.ask(absent).error(), kNone);
    ScriptedTsm no_driver;
    no_driver.make_error = ENXIO;
    EXPECT_EQ(asked.ask(no_driver).error(), kNone);
    ScriptedTsm no_right;
    no_right.make_error = EACCES;
    EXPECT_EQ(asked.ask(no_right).error(), kFailed);
    ScriptedTsm other;
    other.provider = "arm_cca_guest";
    EXPECT_EQ(asked.ask(other).error(), kNone);
    EXPECT_EQ(open_report_device(absent, asked.options).error(), kNone);
}

TEST(ConfigfsTsm, AMachineThatBecomesAnotherIsRefused) {
    ScriptedTsm tsm;
    Asked asked;
    auto device = open_configfs_tsm(tsm, asked.options).value();
    EXPECT_EQ(device->kind(), Kind::kTdx);
    tsm.provider = "sev_guest";
    tsm.make = snp_report;
    EXPECT_EQ(device->report(report_data(1), soon()).error(), kFailed);
}

}  // namespace
}  // namespace openpcc::device
