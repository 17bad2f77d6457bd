// SPDX-License-Identifier: Apache-2.0
// What the engine's process can reach, read from /proc while it serves.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "engine/engine_under_test.hpp"

namespace openpcc::testing {
namespace {

namespace fs = std::filesystem;

EngineUnderTest& engine() { return EngineUnderTest::shared(); }

std::string proc(const std::string& name) {
    std::ifstream file(fmt::format("/proc/{}/{}", engine().inner(), name));
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Confinement, NoCapabilitiesAFilterAndNoNewPrivileges) {
    ASSERT_NE(engine().inner(), 0);
    const std::string status = proc("status");
    for (const char* line : {"CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"})
        EXPECT_NE(status.find(line), std::string::npos) << line << "\n" << status;
}

TEST(Confinement, NoNetwork) {
    std::istringstream devices(proc("net/dev"));
    std::set<std::string> names;
    for (std::string line; std::getline(devices, line);)
        if (const std::size_t colon = line.find(':'); colon != std::string::npos)
            names.insert(line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' ')));
    EXPECT_EQ(names, std::set<std::string>{"lo"});
    EXPECT_NE(fs::read_symlink(fmt::format("/proc/{}/ns/net", engine().inner())),
              fs::read_symlink("/proc/self/ns/net"));
    EXPECT_NE(fs::read_symlink(fmt::format("/proc/{}/ns/pid", engine().inner())),
              fs::read_symlink("/proc/self/ns/pid"));
}

TEST(Confinement, NoEnvironmentOfOurs) {
    EXPECT_EQ(proc("environ").find("OPENPCC"), std::string::npos);
    EXPECT_EQ(proc("environ").find("PATH=/usr/local"), std::string::npos);
}

TEST(Confinement, ItsSocketIsForUsOnly) {
    struct stat status{};
    ASSERT_EQ(::stat(engine().directory().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(Confinement, WhatItSaysIsNowhere) {
    const std::string canary = "canary-7f3a91";
    (void)engine().answer_now(chat(canary, R"("max_tokens":5)"));
    (void)engine().answer_now(chat(canary, R"("max_tokens":5,"stream":true)"));
    const fs::path inside = fmt::format("/proc/{}", engine().inner());
    EXPECT_TRUE(fs::read_symlink(inside / "fd/1").string().ends_with("/dev/null"));
    EXPECT_TRUE(fs::read_symlink(inside / "fd/2").string().ends_with("/dev/null"));
    // Files that it could have written: its folder and its memory file systems.
    for (const fs::path& folder : {fs::path(engine().directory()), inside / "root/tmp", inside / "root/dev/shm"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
            if (!entry.is_regular_file()) continue;
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string text((std::istreambuf_iterator<char>(file)), {});
            EXPECT_EQ(text.find(canary), std::string::npos) << entry.path();
        }
    }
    int files = 0;
    for (const auto& entry : fs::directory_iterator(engine().directory())) files += entry.is_regular_file() ? 1 : 0;
    EXPECT_EQ(files, 0);
}

}  // namespace
}  // namespace openpcc::testing
