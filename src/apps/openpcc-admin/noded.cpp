// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/noded.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "io/confine/process.hpp"

namespace openpcc::admin {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPackaged = "/usr/libexec/openpcc";
constexpr std::size_t kMostOutput = 4 << 20;
constexpr auto kTime = 10min;  // it reads the whole model
constexpr std::size_t kMostSaid = 600;

struct Pipe {
    confine::Fd ours, theirs;

    static Result<Pipe> make() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return fail(core::kInternal, "no pipe");
        return Pipe{confine::Fd(ends[0]), confine::Fd(ends[1])};
    }
};

// Reads both until the other side closes them.
bool read_all(const Pipe& output, const Pipe& errors, std::string (&texts)[2]) {
    const auto until = std::chrono::steady_clock::now() + kTime;
    pollfd waiting[2] = {{output.ours.get(), POLLIN, 0}, {errors.ours.get(), POLLIN, 0}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0 || ::poll(waiting, 2, static_cast<int>(left.count())) <= 0) return false;
        for (std::size_t i = 0; i < 2; ++i) {
            if (waiting[i].revents == 0) continue;
            char piece[4096];
            const ssize_t size = ::read(waiting[i].fd, piece, sizeof piece);
            if (size <= 0)
                waiting[i].fd = -1;
            else
                texts[i].append(piece, static_cast<std::size_t>(size));
            if (texts[i].size() > kMostOutput) return false;
        }
    }
    return true;
}

}  // namespace

std::string programs_folder() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    for (const std::filesystem::path& folder : {self.parent_path(), std::filesystem::path(kPackaged)})
        if (!folder.empty() && std::filesystem::exists(folder / "noded", error)) return folder.string();
    return {};
}

Result<std::string> ask_daemon(const std::string& program, const std::string& configuration, const std::string& what) {
    OPENPCC_TRY(Pipe output, Pipe::make());
    OPENPCC_TRY(Pipe errors, Pipe::make());
    confine::SpawnOptions options;
    options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    options.output = output.theirs.get();
    options.errors = errors.theirs.get();
    auto process = confine::Process::spawn({program, "--config", configuration, what}, options);
    if (!process) return fail(kNoAnswer, program + ": " + process.error().describe());
    output.theirs.close();
    errors.theirs.close();
    std::string texts[2];
    const bool whole = read_all(output, errors, texts);
    const auto exit = process->wait(5s);
    if (whole && exit && exit->signal == 0 && exit->code == 0) return std::move(texts[0]);
    const std::string& said = texts[1];
    return fail(kNoAnswer, "noded " + what +
                               " failed: " + (said.size() > kMostSaid ? said.substr(said.size() - kMostSaid) : said));
}

}  // namespace openpcc::admin
