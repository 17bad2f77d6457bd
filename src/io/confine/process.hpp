// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "io/confine/fd.hpp"

namespace openpcc::confine {

// OwnRoot: where to start from. A root folder that is no mount (a plain chroot) is made one first, in a mount namespace
// of the child's own, because a sandbox cannot be built on anything else. Needs to be root.
enum class OwnRoot { kAsItIs, kMounted };

struct SpawnOptions {
    std::vector<std::string> environment;  // "NAME=value"; nothing is inherited
    std::string directory = "/";
    std::optional<int> output, errors;  // standard output and error, in place of /dev/null; borrowed for the call
    std::vector<int> pass;              // become descriptors 3, 4, ... of the child; borrowed for the call
    OwnRoot own_root = OwnRoot::kAsItIs;
};

// Process is one child, started without a shell: standard streams on /dev/null, no other descriptor but `pass`, a
// session of its own, no core dump, killed when the *thread* that started it ends (so start it on a thread that lives
// as long as it should). It belongs to one thread. Destroying it kills the child and takes its remains away.
class Process {
  public:
    struct Exit {
        int code;    // when signal is 0
        int signal;  // that killed it
    };

    // spawn returns when the program at argv[0], an absolute path, runs; confine.cannot_start otherwise.
    static Result<Process> spawn(const std::vector<std::string>& argv, const SpawnOptions& options);

    Process(Process&& other) noexcept = default;
    Process& operator=(Process&& other) noexcept;
    ~Process() { end(); }

    pid_t pid() const { return pid_; }
    // pidfd is readable once the child has ended.
    int pidfd() const { return pidfd_.get(); }
    // poll is how it ended, or nullopt while it runs. It never waits.
    std::optional<Exit> poll();
    // wait is poll that waits, blocking this thread.
    std::optional<Exit> wait(std::chrono::milliseconds time);
    // signal reaches the child itself and never another process that got its number. confine.gone.
    Result<void> signal(int number);

  private:
    Process(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    void end() noexcept;

    pid_t pid_;
    Fd pidfd_;
    std::optional<Exit> exit_;
};

}  // namespace openpcc::confine
