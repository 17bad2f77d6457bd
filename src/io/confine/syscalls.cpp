// SPDX-License-Identifier: Apache-2.0
#include "io/confine/syscalls.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "io/confine/errors.hpp"

namespace openpcc::confine {

namespace {

constexpr int kDenied[] = {
    // other processes' memory and state
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    SCMP_SYS(perf_event_open),
    // mounts, namespaces, roots
    SCMP_SYS(mount),
    SCMP_SYS(umount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(open_by_handle_at),
    // wide and young parts of the kernel that an engine has no use for
    SCMP_SYS(bpf),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(vmsplice),
    // the machine
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(syslog),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(vhangup),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(nfsservctl),
};

constexpr std::uint64_t kNamespaceFlags[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                             CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

struct FreeFilter {
    void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FreeFilter>;

constexpr std::uint32_t kRefuse = SCMP_ACT_ERRNO(EPERM);

bool deny_lists(scmp_filter_ctx filter) {
    for (const int call : kDenied) {
        // A call that this architecture does not have cannot be made either.
        const int error = seccomp_rule_add(filter, kRefuse, call, 0);
        if (error != 0 && error != -EDOM) return false;
    }
    return true;
}

bool deny_by_argument(scmp_filter_ctx filter) {
    // clone3 hides its flags from a filter; without it the C library takes clone.
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) return false;
    for (const std::uint64_t flag : kNamespaceFlags)
        if (seccomp_rule_add(filter, kRefuse, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)) != 0)
            return false;
    // Typing into a terminal that somebody else reads.
    for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{0x541C} /* TIOCLINUX */})
        if (seccomp_rule_add(filter, kRefuse, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFU, request)) !=
            0)
            return false;
    return true;
}

bool allow_sockets(scmp_filter_ctx filter, Sockets sockets) {
    // Rules of one call may overlap in one direction only, so everything but the allowed ranges is refused.
    constexpr auto family = [](scmp_compare compare, std::uint64_t value) { return SCMP_A0(compare, value, 0); };
    const auto refuse = [&](scmp_arg_cmp argument) {
        return seccomp_rule_add(filter, kRefuse, SCMP_SYS(socket), 1, argument) == 0;
    };
    if (sockets == Sockets::kUnix) return refuse(family(SCMP_CMP_NE, AF_UNIX));
    bool good = refuse(family(SCMP_CMP_GT, AF_NETLINK)) && refuse(family(SCMP_CMP_EQ, AF_UNSPEC));
    for (std::uint64_t other = AF_INET + 1; other < AF_NETLINK; ++other)
        if (other != AF_INET6) good = good && refuse(family(SCMP_CMP_EQ, other));
    return good;
}

}  // namespace

Result<Fd> syscall_filter(Sockets sockets) {
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    if (filter == nullptr || !deny_lists(filter.get()) || !deny_by_argument(filter.get()) ||
        !allow_sockets(filter.get(), sockets))
        return fail(kNoSandbox, "the seccomp filter cannot be made");
    Fd file(::memfd_create("filter", MFD_CLOEXEC));
    if (!file || seccomp_export_bpf(filter.get(), file.get()) != 0 || ::lseek(file.get(), 0, SEEK_SET) != 0)
        return fail(kNoSandbox, "the seccomp filter cannot be written");
    return file;
}

}  // namespace openpcc::confine
