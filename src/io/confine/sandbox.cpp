// SPDX-License-Identifier: Apache-2.0
#include "io/confine/sandbox.hpp"

#include <fcntl.h>
#include <linux/stat.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string_view>

#include "io/confine/errors.hpp"

namespace openpcc::confine {

namespace {

constexpr const char* kBubblewrap = "/usr/bin/bwrap";
constexpr std::string_view kFilterFd = "3";
constexpr std::string_view kReportFd = "4";
constexpr int kSetUpTime = 500;  // milliseconds; bubblewrap takes 2
constexpr std::chrono::milliseconds kEndTime(2000);

// Whether this process may make user namespaces depends on sysctls, security modules and on being in a chroot; trying
// in a child is the only answer that covers all.
bool may_make_user_namespace() {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
    int status = 1;
    while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool root_is_mount() {
    struct statx status{};
    if (::statx(AT_FDCWD, "/", 0, 0, &status) != 0) return true;
    return (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0 ||
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

pid_t parent_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("PPid:")) return static_cast<pid_t>(std::strtol(line.c_str() + 5, nullptr, 10));
    return -1;
}

// bubblewrap writes {"child-pid": 123, ...} at once and in one piece.
pid_t read_child(int fd) {
    char buffer[512];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got <= 0) return 0;
    const std::string_view text(buffer, static_cast<std::size_t>(got));
    constexpr std::string_view kName = "\"child-pid\": ";
    const std::size_t at = text.find(kName);
    pid_t pid = 0;
    if (at != std::string_view::npos) std::from_chars(text.data() + at + kName.size(), text.data() + text.size(), pid);
    return pid;
}

void append(std::vector<std::string>& to, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) to.emplace_back(word);
}

}  // namespace

std::vector<std::string> command_line(const Sandbox& sandbox, const std::vector<std::string>& argv,
                                      UserNamespace user) {
    std::vector<std::string> out{kBubblewrap};
    if (user == UserNamespace::kOwn) {
        append(out, {"--unshare-all"});
    } else {
        append(out, {"--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"});
    }
    append(out, {"--as-pid-1", "--new-session", "--die-with-parent", "--cap-drop", "ALL", "--clearenv"});
    append(out, {"--seccomp", kFilterFd, "--info-fd", kReportFd});
    append(out, {"--ro-bind", sandbox.usr, "/usr", "--symlink", "usr/bin", "/bin"});
    append(out, {"--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"});
    append(out, {"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", "/tmp"});
    for (const Bind& bind : sandbox.read_only) append(out, {"--ro-bind", bind.from, bind.to});
    append(out, {"--bind", sandbox.socket_directory, "/run/engine", "--remount-ro", "/", "--chdir", sandbox.directory});
    for (const std::string& pair : sandbox.environment) {
        const std::size_t equals = pair.find('=');
        append(out, {"--setenv", std::string_view(pair).substr(0, equals), std::string_view(pair).substr(equals + 1)});
    }
    append(out, {"--"});
    out.insert(out.end(), argv.begin(), argv.end());
    return out;
}

Result<Confined> Confined::start(const Sandbox& sandbox, const std::vector<std::string>& argv) {
    if (::access(kBubblewrap, X_OK) != 0) return fail(kNoSandbox, "bubblewrap is not installed (/usr/bin/bwrap)");
    const bool own_user = may_make_user_namespace();
    if (!own_user && ::geteuid() != 0)
        return fail(
            kNoSandbox,
            "this user may not make user namespaces (kernel.unprivileged_userns_clone, AppArmor), and is not root");
    OPENPCC_TRY(const Fd filter, syscall_filter(sandbox.sockets));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fail(kNoSandbox, "no pipe");
    Fd report(ends[0]);
    const Fd child_report(ends[1]);
    SpawnOptions options;
    options.pass = {filter.get(), child_report.get()};
    // Root in a chroot: the kernel gives no user namespace there, and bubblewrap cannot work on a root that is no
    // mount.
    if (!own_user && !root_is_mount()) options.own_root = OwnRoot::kMounted;
    const auto user = own_user ? UserNamespace::kOwn : UserNamespace::kShared;
    OPENPCC_TRY(Process outer, Process::spawn(command_line(sandbox, argv, user), options));
    return Confined(std::move(outer), std::move(report));
}

Result<Fd> Confined::inner_pidfd() {
    if (inner_ == 0) inner_ = read_child(report_.get());
    if (inner_ == 0 || outer_.poll()) return fail(kGone);
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, inner_, 0)));
    // The number may have gone to another process since; that one has another parent.
    if (!pidfd || parent_of(inner_) != outer_.pid()) return fail(kGone);
    return pidfd;
}

Result<void> Confined::signal(int number) {
    OPENPCC_TRY(const Fd pidfd, inner_pidfd());
    if (::syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0) != 0) return fail(kGone);
    return {};
}

Confined::~Confined() {
    if (!report_ || outer_.poll()) return;
    // The program is killed first. While it is being set up it does not yet die with bubblewrap, and bubblewrap alone
    // takes its remains away.
    pollfd reported{.fd = report_.get(), .events = POLLIN, .revents = 0};
    if (inner_ == 0) ::poll(&reported, 1, kSetUpTime);
    if (signal(SIGKILL)) outer_.wait(kEndTime);
}

}  // namespace openpcc::confine
