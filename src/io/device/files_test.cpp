// SPDX-License-Identifier: Apache-2.0
#include "io/device/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

namespace openpcc::device {
namespace {

class RootFilesTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "openpcc-files-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
        files_ = make_root_files(root_);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    std::string root_;
    std::unique_ptr<Files> files_;
};

TEST_F(RootFilesTest, ReadsUpToALimit) {
    std::ofstream(root_ + "/a") << std::string(100000, 'x');
    EXPECT_EQ(files_->read("/a", 100000).value().size(), 100000U);
    EXPECT_EQ(files_->read("/a", 99999).error(), EFBIG);
    EXPECT_EQ(files_->read("/a", 0).error(), EFBIG);
    EXPECT_EQ(files_->read("/b", 10).error(), ENOENT);
    std::ofstream(root_ + "/empty");
    EXPECT_TRUE(files_->read("/empty", 0).value().empty());
    EXPECT_EQ(files_->read("/", 10).error(), EISDIR);
}

TEST_F(RootFilesTest, WritesOnlyWhatIsThere) {
    EXPECT_EQ(files_->write("/a", Bytes{1}).error(), ENOENT);
    std::ofstream(root_ + "/a") << "old";
    EXPECT_TRUE(files_->write("/a", Bytes{'n', 'e', 'w'}));
    EXPECT_EQ(files_->read("/a", 10).value(), to_bytes("new"));
}

TEST_F(RootFilesTest, AppendsAndCuts) {
    EXPECT_TRUE(files_->append("/log", Bytes{1, 2}));
    EXPECT_TRUE(files_->append("/log", Bytes{3}));
    EXPECT_EQ(files_->read("/log", 10).value(), (Bytes{1, 2, 3}));
    EXPECT_TRUE(files_->cut("/log", 2));
    EXPECT_EQ(files_->read("/log", 10).value(), (Bytes{1, 2}));
    struct stat status{};
    ASSERT_EQ(::stat((root_ + "/log").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    std::filesystem::create_symlink(root_ + "/log", root_ + "/link");
    EXPECT_EQ(files_->append("/link", Bytes{4}).error(), ELOOP);
}

TEST_F(RootFilesTest, MakesListsAndRemovesFolders) {
    EXPECT_TRUE(files_->make_folder("/b"));
    EXPECT_TRUE(files_->make_folder("/a"));
    EXPECT_EQ(files_->make_folder("/a").error(), EEXIST);
    EXPECT_EQ(files_->list("/").value(), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(files_->remove_folder("/a"));
    EXPECT_EQ(files_->remove_folder("/a").error(), ENOENT);
    EXPECT_EQ(files_->list("/c").error(), ENOENT);
}

TEST_F(RootFilesTest, ControlReachesADevice) {
    std::ofstream(root_ + "/plain");
    EXPECT_EQ(files_->control("/plain", 0x5401, nullptr).error(), ENOTTY);
    EXPECT_EQ(files_->control("/none", 0x5401, nullptr).error(), ENOENT);
}

TEST_F(RootFilesTest, ALockIsHeldByOne) {
    auto held = files_->lock("/log").value();
    std::atomic<bool> got = false;
    std::thread other([&] {
        const auto second = files_->lock("/log");
        got = second.has_value();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(got);
    held.reset();
    other.join();
    EXPECT_TRUE(got);
}

}  // namespace
}  // namespace openpcc::device
