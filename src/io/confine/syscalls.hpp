// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "io/confine/fd.hpp"

namespace openpcc::confine {

// Sockets says which kinds of socket a confined program may make. Neither leads out: it has a network namespace of its
// own.
enum class Sockets {
    kUnix,      // llama-server
    kLoopback,  // vLLM: its parts talk over TCP on 127.0.0.1 and ask netlink for the interfaces
};

// syscall_filter is a file with the seccomp program for bubblewrap's --seccomp: everything is allowed but what reads
// other processes, changes namespaces or mounts, loads code into the kernel, or has been a way to break out of it. A
// list of what is allowed would be stronger, and would break with each version of an engine.
Result<Fd> syscall_filter(Sockets sockets);

}  // namespace openpcc::confine
