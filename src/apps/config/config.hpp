// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "io/net/endpoint.hpp"

// Strict configuration files (TOML): every key is asked for by name and kind; what nobody asked for is an error with
// file, line and the nearest known name. `--explain` prints every value with its origin.
namespace openpcc::config {

inline constexpr ErrorCode kBadConfig{"config.bad_config", Category::kBadInput};
inline constexpr ErrorCode kBadFile{"config.bad_file", Category::kBadInput};

// File is one parsed file. Readers record problems instead of returning them one by one, so that `finish` can show them
// all; a value that is missing or wrong reads as the given fallback or an empty one, and must not be used before finish.
class File {
  public:
    static Result<File> load(const std::string& path);
    static Result<File> parse(std::string_view text, std::string name);

    // Keys are dotted: "engine.kind".
    std::string text(std::string_view key);  // required
    std::string text_or(std::string_view key, std::string fallback);
    std::optional<std::string> optional_text(std::string_view key);
    std::int64_t number_or(std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high);
    std::vector<std::string> texts(std::string_view key);  // required, not empty
    std::vector<std::string> optional_texts(std::string_view key);
    net::Endpoint endpoint(std::string_view key);
    std::vector<net::Endpoint> endpoints(std::string_view key);
    // path: relative ones are relative to the file.
    std::string path(std::string_view key);
    std::optional<std::string> optional_path(std::string_view key);
    bool has(std::string_view table) const;
    // problem records one that the caller found itself.
    void problem(std::string_view key, std::string text);

    // finish is an error that lists every problem, one a line: file:line: what was expected.
    Result<void> finish();
    // explain lists every value that was read, with its origin.
    std::string explain() const;

    File(File&&) noexcept;
    File& operator=(File&&) noexcept;
    ~File();

  private:
    struct State;
    explicit File(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// read_file reads a whole file of at most `limit` bytes.
Result<std::string> read_file(const std::string& path, std::size_t limit);
// read_private_file is read_file for keys: a file that its group or others may open is refused.
Result<std::string> read_private_file(const std::string& path, std::size_t limit);
// write_file writes it whole or not at all (a new file, then rename), with the given mode.
Result<void> write_file(const std::string& path, std::string_view content, unsigned mode);

}  // namespace openpcc::config
