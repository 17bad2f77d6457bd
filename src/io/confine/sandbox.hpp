// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "io/confine/fd.hpp"
#include "io/confine/process.hpp"
#include "io/confine/syscalls.hpp"

namespace openpcc::confine {

struct Bind {
    std::string from;  // on this machine
    std::string to;    // inside
};

// Sandbox is what a confined engine sees: programs and libraries read-only, its model read-only, one folder for its
// socket, an empty /tmp in memory, a network namespace with nothing but loopback, no capability, no other process.
// bubblewrap builds it.
struct Sandbox {
    std::string usr;  // becomes /usr
    std::vector<Bind> read_only;
    std::string socket_directory;          // becomes /run/engine, writable
    std::vector<std::string> environment;  // "NAME=value"
    std::string directory = "/";
    Sockets sockets = Sockets::kUnix;
};

// Confined is a running sandbox. Destroying it kills everything in it; that takes some milliseconds.
class Confined {
  public:
    Confined(Confined&&) noexcept = default;
    Confined& operator=(Confined&&) = delete;
    ~Confined();

    // start returns once bubblewrap runs; that the program inside runs is seen by asking it. confine.no_sandbox tells
    // what this machine lacks.
    static Result<Confined> start(const Sandbox& sandbox, const std::vector<std::string>& argv);

    // outer is bubblewrap, which ends with the program and whose death kills it (once the program runs).
    Process& outer() { return outer_; }
    // inner_pidfd is a pidfd of the program itself; confine.gone when it has ended or does not exist yet.
    Result<Fd> inner_pidfd();
    // signal reaches the program itself: bubblewrap passes none on, and takes the program's remains away.
    Result<void> signal(int number);

  private:
    Confined(Process outer, Fd report) : outer_(std::move(outer)), report_(std::move(report)) {}

    Process outer_;
    Fd report_;  // where bubblewrap writes its child's number
    pid_t inner_ = 0;
};

// command_line is bubblewrap's, for documents and tests: descriptor 3 has the filter, 4 takes the report.
enum class UserNamespace { kOwn, kShared };
std::vector<std::string> command_line(const Sandbox& sandbox, const std::vector<std::string>& argv, UserNamespace user);

}  // namespace openpcc::confine
