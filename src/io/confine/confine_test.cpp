// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "io/confine/errors.hpp"
#include "io/confine/harden.hpp"
#include "io/confine/process.hpp"

namespace openpcc::confine {
namespace {

using namespace std::chrono_literals;

Result<Process> shell(const std::string& script, SpawnOptions options = {}) {
    return Process::spawn({"/bin/sh", "-c", script}, options);
}

int code_of(const std::string& script, SpawnOptions options = {}) {
    auto process = shell(script, std::move(options));
    if (!process) return -1;
    const auto exit = process->wait(10s);
    return exit && exit->signal == 0 ? exit->code : -2;
}

TEST(Process, EndsWithItsCodeOrSignal) {
    EXPECT_EQ(code_of("exit 7"), 7);
    auto process = shell("kill -9 $$");
    const auto exit = process->wait(10s);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, SIGKILL);
}

TEST(Process, TellsWhatCannotRun) {
    EXPECT_EQ(Process::spawn({"/no/such/program"}, {}).error(), kCannotStart);
    SpawnOptions nowhere;
    nowhere.directory = "/no/such/folder";
    EXPECT_EQ(Process::spawn({"/bin/true"}, nowhere).error(), kCannotStart);
}

TEST(Process, InheritsNothing) {
    ::setenv("CANARY", "1", 1);
    const int open_file = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    EXPECT_EQ(code_of("[ -z \"$CANARY\" ] && [ $PWD = / ]"), 0);
    SpawnOptions given;
    given.environment = {"CANARY=2"};
    EXPECT_EQ(code_of("[ $CANARY = 2 ]", given), 0);
    // ls opens one descriptor of its own.
    EXPECT_EQ(
        code_of(
            "set -- /proc/self/fd/*; [ \"$*\" = '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3' ]"),
        0);
    EXPECT_EQ(code_of("for i in 0 1 2; do [ \"$(readlink /proc/$$/fd/$i)\" = /dev/null ] || exit 1; done"), 0);
    EXPECT_EQ(code_of("[ $(ulimit -c) = 0 ] && [ $(ulimit -Hc) = 0 ]"), 0);
    ::close(open_file);
}

TEST(Process, PassesDescriptorsInOrder) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    SpawnOptions options;
    options.pass = {ends[0], ends[1]};
    ASSERT_EQ(::write(ends[1], "x\n", 2), 2);
    EXPECT_EQ(code_of("read word <&3 && [ $word = x ] && echo y >&4", options), 0);
    char answer[8];
    EXPECT_EQ(::read(ends[0], answer, sizeof answer), 2);
    EXPECT_EQ(answer[0], 'y');
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Process, ResetsSignals) {
    ::signal(SIGPIPE, SIG_IGN);
    // 32 and 33 are glibc's own: its posix_spawn ignores them in everything that make starts, and no call can change
    // that (a sanitizer takes 33 back).
    EXPECT_EQ(code_of("grep -qE '^SigIgn:.0000000[01][08]0000000$' /proc/self/status && "
                      "grep -q '^SigBlk:.0000000000000000' /proc/self/status"),
              0);
    ::signal(SIGPIPE, SIG_DFL);
}

TEST(Process, IsKilledAndTakenAwayWithItsObject) {
    pid_t pid = 0;
    {
        auto process = shell("sleep 60");
        ASSERT_TRUE(process);
        pid = process->pid();
        EXPECT_FALSE(process->poll());
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Process, IsSignalledOnce) {
    auto process = shell("sleep 60");
    EXPECT_TRUE(process->signal(SIGTERM));
    EXPECT_EQ(process->wait(10s)->signal, SIGTERM);
    EXPECT_EQ(process->signal(SIGTERM).error(), kGone);
    Process moved = std::move(*process);
    EXPECT_EQ(moved.poll()->signal, SIGTERM);
}

TEST(Process, EndsWithTheThreadThatStartedIt) {
    std::optional<Process> process;
    std::thread([&] { process.emplace(std::move(*shell("sleep 60"))); }).join();
    const auto exit = process->wait(10s);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, SIGKILL);
}

TEST(Harden, ClosesTheProcess) {
    const pid_t pid = ::fork();  // it cannot be undone
    if (pid == 0) {
        const auto hardening = harden_self();
        rlimit core{};
        ::getrlimit(RLIMIT_CORE, &core);
        const bool good = hardening && ::prctl(PR_GET_DUMPABLE) == 0 && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
                          core.rlim_max == 0 && (hardening->memory_locked || ::geteuid() != 0);
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace openpcc::confine
