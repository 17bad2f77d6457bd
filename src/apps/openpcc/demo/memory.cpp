// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace openpcc::demo {

namespace {

constexpr std::size_t kPiece = 1 << 20;
// The shadow that sanitizers map is terabytes of nothing; no model is as large as that.
constexpr std::uint64_t kShadow = std::uint64_t{1} << 40;

// Searches one mapping piece by piece; pieces overlap by the text's length.
bool range_holds(int memory, std::uint64_t from, std::uint64_t to, std::string_view text, std::string& buffer) {
    while (from < to) {
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, to - from));
        buffer.resize(wanted);
        const ssize_t got = ::pread(memory, buffer.data(), wanted, static_cast<off_t>(from));
        if (got <= 0) return false;  // a mapping that cannot be read (device, guard page)
        if (std::string_view(buffer.data(), static_cast<std::size_t>(got)).find(text) != std::string_view::npos) return true;
        if (static_cast<std::size_t>(got) <= text.size()) return false;
        from += static_cast<std::uint64_t>(got) - (static_cast<std::size_t>(got) == wanted && from + wanted < to ? text.size() : 0);
    }
    return false;
}

}  // namespace

std::optional<bool> memory_holds(pid_t process, std::string_view text) {
    std::ifstream maps(fmt::format("/proc/{}/maps", process));
    const int memory = ::open(fmt::format("/proc/{}/mem", process).c_str(), O_RDONLY | O_CLOEXEC);
    if (!maps || memory < 0) {
        if (memory >= 0) ::close(memory);
        return std::nullopt;
    }
    bool found = false;
    bool any = false;
    std::string line;
    std::string buffer;
    while (!found && std::getline(maps, line)) {
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        const auto [dash, bad] = std::from_chars(line.data(), line.data() + line.size(), from, 16);
        if (bad != std::errc() || *dash != '-') continue;
        const auto [space, bad_too] = std::from_chars(dash + 1, line.data() + line.size(), to, 16);
        if (bad_too != std::errc() || space[1] != 'r') continue;
        any = true;
        if (to - from > kShadow) continue;
        found = range_holds(memory, from, to, text, buffer);
    }
    ::close(memory);
    return any ? std::optional(found) : std::nullopt;
}

std::vector<pid_t> descendants(pid_t process) {
    std::multimap<pid_t, pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream stat(entry.path() / "stat");
        std::string text((std::istreambuf_iterator<char>(stat)), {});
        const std::size_t end = text.rfind(')');  // a program's name may hold anything
        if (end == std::string::npos || end + 4 > text.size()) continue;
        pid_t parent = 0;
        std::from_chars(text.data() + end + 4, text.data() + text.size(), parent);
        children.emplace(parent, static_cast<pid_t>(std::atoi(name.c_str())));
    }
    std::vector<pid_t> out{process};
    for (std::size_t i = 0; i < out.size(); ++i)
        for (auto [child, last] = children.equal_range(out[i]); child != last; ++child) out.push_back(child->second);
    return out;
}

}  // namespace openpcc::demo
