// SPDX-License-Identifier: Apache-2.0
// Files that answer as a script says. Included by tests alone.
#pragma once

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/text.hpp"
#include "io/device/report_device.hpp"

namespace openpcc::device {

// ScriptedFiles is a tree in memory whose next answers can be set.
class ScriptedFiles : public Files {
  public:
    std::map<std::string, Bytes> content;
    std::set<std::string> folders;
    std::map<std::string, std::deque<int>> errors;  // by path: what the next calls answer; 0 is none
    std::vector<std::string> calls;                 // "read /path", in order
    int locked = 0;

    Answer<Bytes> read(const std::string& path, std::size_t limit) override {
        calls.push_back("read " + path);
        if (const int error = next_error(path)) return std::unexpected(error);
        const auto file = content.find(path);
        if (file == content.end()) return std::unexpected(ENOENT);
        if (file->second.size() > limit) return std::unexpected(EFBIG);
        return file->second;
    }
    Answer<> write(const std::string& path, ByteView bytes) override {
        calls.push_back("write " + path);
        if (const int error = next_error(path)) return std::unexpected(error);
        if (!content.contains(path)) return std::unexpected(ENOENT);
        content[path] = Bytes(bytes);
        return {};
    }
    Answer<> append(const std::string& path, ByteView bytes) override {
        calls.push_back("append " + path);
        if (const int error = next_error(path)) return std::unexpected(error);
        content[path].append(bytes);
        return {};
    }
    Answer<> cut(const std::string& path, std::size_t size) override {
        calls.push_back("cut " + path);
        if (const int error = next_error(path)) return std::unexpected(error);
        content.at(path).resize(size);
        return {};
    }
    Answer<> make_folder(const std::string& path) override {
        calls.push_back("make " + path);
        if (!folders.insert(path).second) return std::unexpected(EEXIST);
        return {};
    }
    Answer<> remove_folder(const std::string& path) override {
        calls.push_back("remove " + path);
        if (folders.erase(path) == 0) return std::unexpected(ENOENT);
        return {};
    }
    Answer<std::vector<std::string>> list(const std::string& path) override {
        std::vector<std::string> out;
        for (const auto& [name, bytes] : content)
            if (name.starts_with(path + "/")) out.push_back(name.substr(path.size() + 1));
        return out;
    }
    Answer<> control(const std::string&, unsigned long, void*) override { return std::unexpected(ENOTTY); }
    Answer<std::unique_ptr<Lock>> lock(const std::string& path) override {
        struct Held final : Lock {
            explicit Held(int& count) : held(count) { ++held; }
            ~Held() override { --held; }
            int& held;
        };
        calls.push_back("lock " + path);
        content.try_emplace(path);
        return std::make_unique<Held>(locked);
    }

  protected:
    int next_error(const std::string& path) {
        auto& queue = errors[path];
        if (queue.empty()) return 0;
        const int error = queue.front();
        queue.pop_front();
        return error;
    }
};

inline Bytes tdx_report(ByteView data, std::uint8_t version = 4) {
    Bytes out(5000);
    out[0] = version;
    std::ranges::copy(data, out.span().begin() + (version == 4 ? 568 : 574));
    return out;
}

inline Bytes snp_report(ByteView data) {
    Bytes out(kSnpReportSize);
    out[0] = 3;
    std::ranges::copy(data, out.span().begin() + 0x50);
    return out;
}

inline ReportData report_data(std::uint8_t fill) {
    ReportData out;
    out.bytes.fill(fill);
    return out;
}

inline Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(10); }

}  // namespace openpcc::device
