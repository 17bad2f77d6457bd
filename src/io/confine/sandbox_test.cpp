// SPDX-License-Identifier: Apache-2.0
// What a program can do inside a sandbox is asked of this very test program: the tests DISABLED_InSandbox run there.
#include "io/confine/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "io/confine/errors.hpp"
#include "io/confine/harden.hpp"

namespace openpcc::confine {
namespace {

using namespace std::chrono_literals;

class Sandboxed : public testing::Test {
  protected:
    Sandboxed() {
        char name[] = "/tmp/confine-XXXXXX";
        directory_ = ::mkdtemp(name);
        sandbox_.usr = "/usr";
        sandbox_.socket_directory = directory_;
        sandbox_.read_only = {{std::filesystem::read_symlink("/proc/self/exe"), "/probe"}};
        // The leak checker would use ptrace.
        sandbox_.environment = {"ASAN_OPTIONS=detect_leaks=0", "LSAN_OPTIONS=detect_leaks=0", "A=b=c"};
    }
    ~Sandboxed() override { std::filesystem::remove_all(directory_); }

    void inside(const std::string& tests) {
        auto confined =
            Confined::start(sandbox_, {"/probe", "--gtest_also_run_disabled_tests", "--gtest_filter=" + tests,
                                       "--gtest_output=xml:/run/engine/report.xml"});
        if (!confined && confined.error() == kNoSandbox) GTEST_SKIP() << confined.error().describe();
        ASSERT_TRUE(confined) << confined.error().describe();
        const auto exit = confined->outer().wait(60s);
        ASSERT_TRUE(exit);
        std::ifstream report(directory_ + "/report.xml");
        EXPECT_EQ(exit->code, 0) << std::string(std::istreambuf_iterator<char>(report), {});
        EXPECT_EQ(exit->signal, 0);
    }

    std::string directory_;
    Sandbox sandbox_;
};

TEST_F(Sandboxed, HasNothing) { inside("DISABLED_InSandbox.*"); }
TEST_F(Sandboxed, HasUnixSocketsOnly) { inside("DISABLED_InSandboxUnix.*"); }
TEST_F(Sandboxed, MayHaveLoopback) {
    sandbox_.sockets = Sockets::kLoopback;
    inside("DISABLED_InSandboxLoopback.*");
}

class SandboxedShell : public Sandboxed {
  protected:
    void SetUp() override {
        const auto tried = Confined::start(sandbox_, {"/usr/bin/true"});
        if (!tried && tried.error() == kNoSandbox) GTEST_SKIP() << tried.error().describe();
    }
    // ready starts a script that first makes the file "ready".
    Confined ready(const std::string& script) {
        auto confined = Confined::start(sandbox_, {"/usr/bin/sh", "-c", "echo > /run/engine/ready; " + script});
        for (int i = 0; i < 1000 && !std::filesystem::exists(directory_ + "/ready"); ++i)
            std::this_thread::sleep_for(5ms);
        return std::move(*confined);
    }
    static bool ends(const Fd& pidfd) {
        pollfd ended{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
        return ::poll(&ended, 1, 10'000) == 1;
    }
};

TEST_F(SandboxedShell, IsSignalledInside) {
    auto confined = ready("trap 'exit 9' TERM; while :; do sleep 0.01; done");
    std::this_thread::sleep_for(50ms);
    ASSERT_TRUE(confined.signal(SIGTERM));
    const auto exit = confined.outer().wait(10s);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 9);
    EXPECT_EQ(confined.signal(SIGTERM).error(), kGone);
}

TEST_F(SandboxedShell, StartsFromAHardenedProcess) {
    const pid_t pid = ::fork();  // it cannot be undone
    if (pid == 0) {
        if (!harden_self()) ::_exit(2);
        auto confined = Confined::start(sandbox_, {"/usr/bin/sh", "-c", "exit 5"});
        const auto exit = confined ? confined->outer().wait(10s) : std::nullopt;
        ::_exit(exit && exit->code == 5 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SandboxedShell, DiesWithBubblewrap) {
    auto confined = ready("sleep 60");
    const auto inner = confined.inner_pidfd();
    ASSERT_TRUE(inner);
    ASSERT_TRUE(confined.outer().signal(SIGKILL));
    EXPECT_TRUE(ends(*inner));
}

TEST_F(SandboxedShell, DiesWithItsObject) {
    std::optional<Confined> confined(ready("sleep 60"));
    const auto inner = confined->inner_pidfd();
    ASSERT_TRUE(inner);
    confined.reset();
    EXPECT_TRUE(ends(*inner));
}

TEST_F(SandboxedShell, DiesWithItsObjectAlsoWhileItIsSetUp) {
    for (const auto time : {0us, 500us, 1000us, 2000us, 4000us}) {
        pid_t outer = 0;
        {
            auto confined = Confined::start(sandbox_, {"/usr/bin/sleep", "4711"});
            ASSERT_TRUE(confined);
            outer = confined->outer().pid();
            std::this_thread::sleep_for(time);
        }
        EXPECT_NE(::kill(outer, 0), 0);
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            std::ifstream file(entry.path() / "cmdline");
            const std::string line((std::istreambuf_iterator<char>(file)), {});
            EXPECT_EQ(line.find("4711"), std::string::npos) << entry.path();
            EXPECT_EQ(line.find(directory_), std::string::npos) << entry.path();
        }
    }
}

bool refused(long result) { return result < 0 && errno == EPERM; }

TEST(DISABLED_InSandbox, NoCapabilitiesAndNoNewOnes) {
    for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        __user_cap_data_struct sets[2] = {};
        ASSERT_EQ(::syscall(SYS_capget, &header, sets), 0);
        EXPECT_EQ(sets[0].effective | sets[1].effective | sets[0].permitted | sets[1].permitted, 0U);
    }
    EXPECT_EQ(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    rlimit core{};
    ::getrlimit(RLIMIT_CORE, &core);
    EXPECT_EQ(core.rlim_max, 0U);
}

TEST(DISABLED_InSandbox, NoDangerousCalls) {
    EXPECT_TRUE(refused(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)));
    EXPECT_TRUE(refused(::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0)));
    EXPECT_TRUE(refused(::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)));
    EXPECT_TRUE(refused(::syscall(SYS_bpf, 0, nullptr, 0)));
    EXPECT_TRUE(refused(::syscall(SYS_io_uring_setup, 1, nullptr)));
    EXPECT_TRUE(refused(::syscall(SYS_userfaultfd, 0)));
    EXPECT_TRUE(refused(::syscall(SYS_keyctl, 0, 0, 0, 0, 0)));
    EXPECT_TRUE(refused(::mount("/tmp", "/tmp", nullptr, MS_BIND, nullptr)));
    EXPECT_TRUE(refused(::unshare(CLONE_NEWUSER)));
    EXPECT_TRUE(refused(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0)));
    errno = 0;
    EXPECT_LT(::syscall(SYS_clone3, nullptr, 0), 0);
    EXPECT_EQ(errno, ENOSYS);
    std::thread([] {}).join();  // which needs clone
}

TEST(DISABLED_InSandbox, NoFilesButItsOwn) {
    // The filter's and the report's descriptors are bubblewrap's.
    EXPECT_LT(::fcntl(3, F_GETFD), 0);
    EXPECT_LT(::fcntl(4, F_GETFD), 0);
    EXPECT_LT(::open("/tmp/../etc/passwd", O_RDONLY), 0);
    EXPECT_LT(::open("/new", O_CREAT | O_WRONLY, 0600), 0);
    EXPECT_LT(::open("/usr/new", O_CREAT | O_WRONLY, 0600), 0);
    EXPECT_LT(::open("/probe", O_WRONLY), 0);
    EXPECT_GE(::open("/tmp/new", O_CREAT | O_WRONLY, 0600), 0);
    EXPECT_GE(::open("/run/engine/new", O_CREAT | O_WRONLY, 0600), 0);
    EXPECT_TRUE(std::filesystem::read_symlink("/proc/self/fd/1").string().ends_with("/dev/null"));
    EXPECT_TRUE(std::filesystem::read_symlink("/proc/self/fd/2").string().ends_with("/dev/null"));
}

TEST(DISABLED_InSandbox, NoEnvironmentButItsOwn) {
    EXPECT_STREQ(::getenv("A"), "b=c");
    EXPECT_EQ(::getenv("HOME"), nullptr);
    EXPECT_EQ(::getenv("PATH"), nullptr);
}

TEST(DISABLED_InSandboxUnix, NoOtherSockets) {
    EXPECT_GE(::socket(AF_UNIX, SOCK_STREAM, 0), 0);
    for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG})
        EXPECT_TRUE(refused(::socket(family, SOCK_RAW, 0)));
}

TEST(DISABLED_InSandboxLoopback, NoOtherSockets) {
    for (const int family : {AF_UNIX, AF_INET, AF_INET6}) EXPECT_GE(::socket(family, SOCK_STREAM, 0), 0) << family;
    EXPECT_GE(::socket(AF_NETLINK, SOCK_RAW, 0), 0);
    for (const int family : {AF_PACKET, AF_VSOCK, AF_ALG, AF_X25}) EXPECT_TRUE(refused(::socket(family, SOCK_RAW, 0)));
}

}  // namespace
}  // namespace openpcc::confine
