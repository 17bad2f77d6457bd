// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::confine {

// Hardening is what could be had for this process besides what is required.
struct Hardening {
    bool memory_locked = false;  // all its pages, now and later: none reaches a swap device
};

// harden_self closes this process against its own user: not dumpable (no ptrace, no core, /proc/self of root), no core
// file, no new privileges. Called once, before threads and before any secret. An error is fatal to a daemon:
// confine.not_hardened. Locking memory needs CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK; whether that is required is
// the caller's policy.
Result<Hardening> harden_self();

}  // namespace openpcc::confine
