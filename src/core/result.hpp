// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace openpcc {

// Category decides what a remote peer is told: one constant answer each (docs/reference/refusals.md).
enum class Category {
    kBadInput,         // the bytes are not what the specification allows
    kUnauthenticated,  // a key, tag or signature does not fit
    kUnverified,       // evidence is missing or not good enough
    kUnavailable,      // a peer or the engine cannot be reached, or is overloaded
    kTimeout,          // a deadline passed
    kInternal,         // our own fault
};

std::string_view to_string(Category category);

// ErrorCode names one reason. Each namespace declares its own in `errors.hpp`, as constants
// `inline constexpr ErrorCode kTruncated{"seal.truncated", Category::kBadInput};`
// Names are stable: documents, metrics and tests use them.
struct ErrorCode {
    std::string_view name;
    Category category;

    friend constexpr bool operator==(const ErrorCode& a, const ErrorCode& b) { return a.name == b.name; }
};

// Error is a reason with an optional text for the local operator. The text holds no byte chosen by a peer, no key and
// no part of a prompt; file names and configuration keys of our own are fine.
class [[nodiscard]] Error {
  public:
    Error(ErrorCode code) : code_(code) {}  // NOLINT: `return kTruncated;` reads as it should
    Error(ErrorCode code, std::string text) : code_(code), text_(std::move(text)) {}

    ErrorCode code() const { return code_; }
    Category category() const { return code_.category; }
    std::string_view name() const { return code_.name; }
    const std::string& text() const { return text_; }
    // describe is one line for people: the name, then the text when there is one.
    std::string describe() const;

    friend bool operator==(const Error& error, const ErrorCode& code) { return error.code_ == code; }

  private:
    ErrorCode code_;
    std::string text_;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code) { return std::unexpected(Error(code)); }
inline std::unexpected<Error> fail(ErrorCode code, std::string text) {
    return std::unexpected(Error(code, std::move(text)));
}

namespace core {
inline constexpr ErrorCode kInternal{"core.internal", Category::kInternal};
inline constexpr ErrorCode kBadText{"core.bad_text", Category::kBadInput};
}  // namespace core

}  // namespace openpcc

#define OPENPCC_CONCAT_(a, b) a##b
#define OPENPCC_CONCAT(a, b) OPENPCC_CONCAT_(a, b)

// OPENPCC_TRY(auto x, expression): x = the value, or return the error from this function.
#define OPENPCC_TRY(declaration, ...) \
    OPENPCC_TRY_(OPENPCC_CONCAT(try_result_, __COUNTER__), return, declaration, __VA_ARGS__)
// OPENPCC_CHECK(expression): go on when a Result<> is good, or return its error.
#define OPENPCC_CHECK(...) OPENPCC_CHECK_(OPENPCC_CONCAT(try_result_, __COUNTER__), return, __VA_ARGS__)
// The same two inside coroutines.
#define OPENPCC_CO_TRY(declaration, ...) \
    OPENPCC_TRY_(OPENPCC_CONCAT(try_result_, __COUNTER__), co_return, declaration, __VA_ARGS__)
#define OPENPCC_CO_CHECK(...) OPENPCC_CHECK_(OPENPCC_CONCAT(try_result_, __COUNTER__), co_return, __VA_ARGS__)

#define OPENPCC_TRY_(name, ret, declaration, ...)                  \
    auto name = __VA_ARGS__;                                       \
    if (!name) ret std::unexpected(std::move(name).error());       \
    declaration = std::move(*name)
#define OPENPCC_CHECK_(name, ret, ...) \
    if (auto name = __VA_ARGS__; !name) ret std::unexpected(std::move(name).error())
