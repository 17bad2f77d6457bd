// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <string>
#include <type_traits>

#include "core/result.hpp"
#include "io/obs/label.hpp"

namespace openpcc::obs {

// The log of a daemon: one line per event, `key=value`. The types decide what can be said: numbers, times, names of our
// own. There is no way to log a text, bytes, an address or a Plaintext, and no identifier that could join the lines of
// two hops.

template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
    { to_string(value) } -> std::same_as<std::string_view>;
};
template <class T>
concept Number = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                 !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;
template <class T>
concept Duration = std::same_as<T, std::chrono::duration<typename T::rep, typename T::period>>;
template <class T>
concept Loggable = Number<T> || NamedEnum<T> || Duration<T> || std::same_as<T, ErrorCode> || std::same_as<T, Error> ||
                   std::same_as<T, Label>;

enum class Level { kInfo, kWarning, kError };
std::string_view to_string(Level level);

// Pair is one `key=value`, made by `field`.
class Pair {
  public:
    const std::string& text() const { return text_; }

  private:
    template <Loggable T>
    friend Pair field(Label key, const T& value);
    Pair(Label key, std::string_view value) : text_(key.text()) { text_.append("=").append(value); }
    std::string text_;
};

// field: an Error appears by its name only. Its text is for the operator at a terminal.
template <Loggable T>
Pair field(Label key, const T& value) {
    if constexpr (std::same_as<T, bool>) {
        return Pair(key, value ? "true" : "false");
    } else if constexpr (Number<T>) {
        return Pair(key, std::to_string(value));
    } else if constexpr (NamedEnum<T>) {
        return Pair(key, to_string(value));
    } else if constexpr (Duration<T>) {
        return Pair(key, std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(value).count()) + "us");
    } else if constexpr (std::same_as<T, ErrorCode>) {
        return Pair(key, value.name);
    } else if constexpr (std::same_as<T, Error>) {
        return Pair(key, value.name());
    } else {
        return Pair(key, value.text());
    }
}

// Log writes to standard error, a line in one system call, so that lines of several threads do not mix. It never fails
// and never waits for anybody.
class Log {
  public:
    static constexpr int kStandardError = 2;
    explicit Log(Label program, int descriptor = kStandardError) : program_(program), descriptor_(descriptor) {}

    template <std::same_as<Pair>... Pairs>
    void write(Level level, Label event, const Pairs&... pairs) const {
        std::string rest;
        (rest.append(" ").append(pairs.text()), ...);
        write_line(level, event, rest);
    }

  private:
    void write_line(Level level, Label event, const std::string& rest) const;
    Label program_;
    int descriptor_;
};

}  // namespace openpcc::obs
