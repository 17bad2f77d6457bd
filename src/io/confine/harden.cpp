// SPDX-License-Identifier: Apache-2.0
#include "io/confine/harden.hpp"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/confine/errors.hpp"

namespace openpcc::confine {

namespace {

bool may_lock_everything() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_max == RLIM_INFINITY) {
        limit.rlim_cur = limit.rlim_max;
        if (::setrlimit(RLIMIT_MEMLOCK, &limit) == 0) return true;
    }
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    return ::syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective & (1U << CAP_IPC_LOCK)) != 0;
}

}  // namespace

Result<Hardening> harden_self() {
    const rlimit no_core{0, 0};
    if (::setrlimit(RLIMIT_CORE, &no_core) != 0) return fail(kNotHardened, "core files cannot be switched off");
    if (::prctl(PR_SET_DUMPABLE, 0) != 0 || ::prctl(PR_GET_DUMPABLE) != 0)
        return fail(kNotHardened, "the process stays dumpable");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(kNotHardened, "new privileges cannot be ruled out");
    Hardening out;
    // With a limit, locking all that is to come would make later allocations fail. On fault: a thread's stack is
    // reserved large and used little.
    if (may_lock_everything()) out.memory_locked = ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    return out;
}

}  // namespace openpcc::confine
