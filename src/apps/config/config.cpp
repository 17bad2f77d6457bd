// SPDX-License-Identifier: Apache-2.0
#include "apps/config/config.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <system_error>
#include <toml++/toml.h>

namespace openpcc::config {

struct File::State {
    std::string name;
    std::filesystem::path folder;
    toml::table table;
    std::set<std::string, std::less<>> asked;
    std::map<std::string, std::string> values;  // for explain
    std::vector<std::string> problems;

    const toml::node* find(std::string_view key) {
        asked.emplace(key);
        return table.at_path(key).node();
    }
    int line_of(std::string_view key) const {
        const auto* node = table.at_path(key).node();
        return node == nullptr ? 0 : static_cast<int>(node->source().begin.line);
    }
    void problem(std::string_view key, std::string_view text) {
        const int line = line_of(key);
        problems.push_back(line > 0 ? fmt::format("{}:{}: {}: {}", name, line, key, text)
                                    : fmt::format("{}: {}: {}", name, key, text));
    }
    void value(std::string_view key, std::string text, bool given) {
        values[std::string(key)] = fmt::format("{}  # {}", text, given ? fmt::format("{}:{}", name, line_of(key)) : "default");
    }
};

namespace {

std::size_t distance(std::string_view a, std::string_view b) {  // Levenshtein
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

// Collects the dotted names of everything in the file that is not a table, and those of empty tables with a dot at the
// end. A name with a dot of its own is shown in quotes: "a.b" in quotes is not a.b.
void leaves(const toml::table& table, const std::string& prefix, std::vector<std::string>& out) {
    for (const auto& [key, node] : table) {
        const std::string_view text = key.str();
        const std::string name = prefix + (text.contains('.') ? fmt::format("\"{}\"", text) : std::string(text));
        const auto* inner = node.as_table();
        if (inner != nullptr && !inner->empty())
            leaves(*inner, name + ".", out);
        else
            out.push_back(inner == nullptr ? name : name + ".");
    }
}

// An empty table is known when any of its keys is.
bool knows(const std::set<std::string, std::less<>>& asked, std::string_view name) {
    if (!name.ends_with('.')) return asked.contains(name);
    const auto next = asked.lower_bound(name);
    return next != asked.end() && next->starts_with(name);
}

}  // namespace

File::File(std::unique_ptr<State> state) : state_(std::move(state)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

Result<File> File::parse(std::string_view text, std::string name) {
    auto state = std::make_unique<State>();
    state->name = std::move(name);
    state->folder = std::filesystem::path(state->name).parent_path();
    try {
        state->table = toml::parse(text, state->name);
    } catch (const toml::parse_error& error) {
        return fail(kBadConfig, fmt::format("{}:{}: {}", state->name, error.source().begin.line, error.description()));
    }
    return File(std::move(state));
}

Result<File> File::load(const std::string& path) {
    OPENPCC_TRY(const std::string text, read_file(path, 1 << 20));
    return parse(text, path);
}

std::optional<std::string> File::optional_text(std::string_view key) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value<std::string>();
    if (!node->is_string() || !value || value->empty()) {
        state_->problem(key, "expected a text that is not empty");
        return std::nullopt;
    }
    state_->value(key, fmt::format("\"{}\"", *value), true);
    return *value;
}

std::string File::text(std::string_view key) {
    if (state_->find(key) == nullptr) {
        state_->problem(key, "is required: a text");
        return {};
    }
    return optional_text(key).value_or("");
}

std::string File::text_or(std::string_view key, std::string fallback) {
    if (auto value = optional_text(key)) return *value;
    state_->value(key, fmt::format("\"{}\"", fallback), false);
    return fallback;
}

std::int64_t File::number_or(std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high) {
    const toml::node* node = state_->find(key);
    if (node == nullptr) {
        state_->value(key, std::to_string(fallback), false);
        return fallback;
    }
    const auto value = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
    if (!value || *value < low || *value > high) {
        state_->problem(key, fmt::format("expected a whole number from {} to {}", low, high));
        return fallback;
    }
    state_->value(key, std::to_string(*value), true);
    return *value;
}

std::vector<std::string> File::optional_texts(std::string_view key) {
    if (state_->find(key) == nullptr) return {};
    return texts(key);
}

std::vector<std::string> File::texts(std::string_view key) {
    const toml::node* node = state_->find(key);
    const toml::array* list = node == nullptr ? nullptr : node->as_array();
    std::vector<std::string> out;
    if (list != nullptr)
        for (const auto& element : *list)
            if (const auto value = element.value<std::string>(); value && element.is_string() && !value->empty())
                out.push_back(*value);
    if (list == nullptr || out.empty() || out.size() != list->size()) {
        state_->problem(key, "is required: a list of texts, at least one");
        return {};
    }
    state_->value(key, fmt::format("[{} entries]", out.size()), true);
    return out;
}

net::Endpoint File::endpoint(std::string_view key) {
    const std::string value = text(key);
    const auto endpoint = net::Endpoint::parse(value);
    if (!endpoint) {
        if (!value.empty()) state_->problem(key, "expected http://host:port, https://host:port or unix:/path");
        return {};
    }
    return *endpoint;
}

std::vector<net::Endpoint> File::endpoints(std::string_view key) {
    std::vector<net::Endpoint> out;
    for (const std::string& value : texts(key)) {
        const auto endpoint = net::Endpoint::parse(value);
        if (!endpoint)
            state_->problem(key, "expected each to be http://host:port, https://host:port or unix:/path");
        else
            out.push_back(*endpoint);
    }
    return out;
}

std::optional<std::string> File::optional_path(std::string_view key) {
    const auto value = optional_text(key);
    if (!value) return std::nullopt;
    // An absolute path stays what it is when it is joined.
    return std::filesystem::absolute(state_->folder / *value).lexically_normal().string();
}

std::string File::path(std::string_view key) {
    if (state_->find(key) == nullptr) {
        state_->problem(key, "is required: a path");
        return {};
    }
    return optional_path(key).value_or("");
}

bool File::has(std::string_view table) const { return state_->table.at_path(table).node() != nullptr; }

void File::problem(std::string_view key, std::string text) { state_->problem(key, text); }

Result<void> File::finish() {
    std::vector<std::string> given;
    leaves(state_->table, "", given);
    for (std::string& key : given) {
        if (knows(state_->asked, key)) continue;
        if (key.ends_with('.')) key.pop_back();
        const auto nearest = std::ranges::min_element(
            state_->asked, {}, [&](const std::string& known) { return distance(key, known); });
        const bool close = nearest != state_->asked.end() && distance(key, *nearest) <= 3;
        state_->problem(key, close ? fmt::format("is not a key of this file; did you mean {}?", *nearest)
                                   : "is not a key of this file");
    }
    if (state_->problems.empty()) return {};
    std::string all;
    for (const std::string& problem : state_->problems) all += (all.empty() ? "" : "\n") + problem;
    return fail(kBadConfig, all);
}

std::string File::explain() const {
    std::string out;
    for (const auto& [key, value] : state_->values) out += fmt::format("{} = {}\n", key, value);
    return out;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(kBadFile, path + ": cannot be read");
    std::string content(limit + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > limit) return fail(kBadFile, path + ": is too long");
    if (file.bad() || std::filesystem::is_directory(path)) return fail(kBadFile, path + ": cannot be read");
    return content;
}

Result<std::string> read_private_file(const std::string& path, std::size_t limit) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return fail(kBadFile, path + ": cannot be read");
    if ((status.st_mode & 077) != 0) return fail(kBadFile, path + ": is a key that others may open; chmod 600 " + path);
    return read_file(path, limit);
}

namespace {

std::unexpected<Error> cannot_be_written(const std::string& path, int problem) {
    return fail(kBadFile, path + ": cannot be written: " + std::generic_category().message(problem));
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view content, unsigned mode) {
    const std::string fresh = path + ".new";
    ::unlink(fresh.c_str());
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) return cannot_be_written(path, errno);
    int problem = 0;
    while (problem == 0 && !content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written <= 0) problem = written == 0 ? EIO : errno;
        if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (problem == 0 && ::fsync(fd) != 0) problem = errno;
    if (::close(fd) != 0 && problem == 0) problem = errno;
    if (problem == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) problem = errno;
    if (problem == 0) return {};
    ::unlink(fresh.c_str());
    return cannot_be_written(path, problem);
}

}  // namespace openpcc::config
