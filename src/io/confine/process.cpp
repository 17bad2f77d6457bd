// SPDX-License-Identifier: Apache-2.0
#include "io/confine/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/assert.hpp"
#include "io/confine/errors.hpp"

namespace openpcc::confine {

namespace {

constexpr int kFirstPassed = 3;
constexpr int kParking = 128;  // above every descriptor that the child ends up with
constexpr std::size_t kMostPassed = 16;

// What the child needs, made before fork: between fork and exec only system calls are allowed (signal-safety(7)).
struct Plan {
    std::vector<char*> argv, environment;
    const char* directory;
    std::vector<int> pass;
    int output, errors;
    OwnRoot own_root;
    pid_t parent;
    int report;  // written when exec is not reached; closed by it otherwise
};

std::vector<char*> pointers(const std::vector<std::string>& list) {
    std::vector<char*> out;
    for (const std::string& text : list) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

bool reset_signals() {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);  // NOLINT: two of them cannot be set
    sigset_t none;
    sigemptyset(&none);
    return ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

// A copy of the root's mount at /mnt becomes the root. Only this child and what it starts see it.
bool mount_root() {
    return ::unshare(CLONE_NEWNS) == 0 && ::mount("/", "/mnt", nullptr, MS_BIND | MS_REC, nullptr) == 0 &&
           ::chdir("/mnt") == 0 && ::chroot(".") == 0;
}

bool arrange_descriptors(Plan& plan) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return false;
    // First out of the way, then into place, so that none is overwritten before its turn.
    for (int& fd : plan.pass)
        if ((fd = ::fcntl(fd, F_DUPFD_CLOEXEC, kParking)) < 0) return false;
    if ((plan.report = ::fcntl(plan.report, F_DUPFD_CLOEXEC, kParking)) < 0) return false;
    for (int* fd : {&plan.output, &plan.errors})
        if (*fd >= 0 && (*fd = ::fcntl(*fd, F_DUPFD_CLOEXEC, kParking)) < 0) return false;
    const int standard[] = {null, plan.output >= 0 ? plan.output : null, plan.errors >= 0 ? plan.errors : null};
    for (int fd = 0; fd < kFirstPassed; ++fd)
        if (::dup2(standard[fd], fd) < 0) return false;
    int next = kFirstPassed;
    for (const int fd : plan.pass)
        if (::dup2(fd, next++) < 0) return false;
    // The rest closes at exec, the report's descriptor among it.
    return ::close_range(static_cast<unsigned>(next), ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

[[noreturn]] void run(Plan& plan) {
    const rlimit no_core{0, 0};
    const bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == plan.parent && reset_signals() &&
                       ::setsid() >= 0 && ::setrlimit(RLIMIT_CORE, &no_core) == 0 &&
                       (plan.own_root == OwnRoot::kAsItIs || mount_root()) && ::chdir(plan.directory) == 0 &&
                       arrange_descriptors(plan);
    if (ready) ::execve(plan.argv[0], plan.argv.data(), plan.environment.data());
    const int error = errno;
    if (::write(plan.report, &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
}

// The error number that the child met before its program ran; 0 when it runs.
int read_report(int fd) {
    int error = 0;
    ssize_t got;
    do {
        got = ::read(fd, &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    return got == sizeof error ? error : 0;
}

}  // namespace

Result<Process> Process::spawn(const std::vector<std::string>& argv, const SpawnOptions& options) {
    OPENPCC_ASSERT(!argv.empty() && argv[0].starts_with('/') && options.pass.size() <= kMostPassed);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(kCannotStart, std::strerror(errno));
    const Fd report(ends[0]);
    Fd child_report(ends[1]);
    Plan plan{.argv = pointers(argv),
              .environment = pointers(options.environment),
              .directory = options.directory.c_str(),
              .pass = options.pass,
              .output = options.output.value_or(-1),
              .errors = options.errors.value_or(-1),
              .own_root = options.own_root,
              .parent = ::getpid(),
              .report = child_report.get()};
    // Handlers of this process must not run in the child.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) run(plan);
    const int fork_error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) return fail(kCannotStart, std::strerror(fork_error));
    // Nobody else waits for this child, so its number is its own until we do.
    Process process(pid, Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
    if (!process.pidfd_) return fail(kCannotStart, "no pidfd");
    child_report.close();
    if (const int error = read_report(report.get()); error != 0)
        return fail(kCannotStart, fmt::format("{}: {}", argv[0], std::strerror(error)));
    return process;
}

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        end();
        pid_ = other.pid_;
        pidfd_ = std::move(other.pidfd_);
        exit_ = other.exit_;
    }
    return *this;
}

void Process::end() noexcept {
    if (pidfd_ && !exit_) {
        (void)signal(SIGKILL);
        siginfo_t info{};
        while (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0 && errno == EINTR) {
        }
    }
    pidfd_.close();
}

std::optional<Process::Exit> Process::poll() {
    if (exit_ || !pidfd_) return exit_;
    siginfo_t info{};
    if (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
        return exit_;
    exit_ = Exit{0, 0};
    (info.si_code == CLD_EXITED ? exit_->code : exit_->signal) = info.si_status;
    return exit_;
}

std::optional<Process::Exit> Process::wait(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    for (;;) {
        if (const auto exit = poll()) return exit;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return std::nullopt;
        pollfd waited{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
        ::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left.count() + 1, 60'000)));
    }
}

Result<void> Process::signal(int number) {
    if (!pidfd_ || exit_ || ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0) != 0) return fail(kGone);
    return {};
}

}  // namespace openpcc::confine
