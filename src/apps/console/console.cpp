// SPDX-License-Identifier: Apache-2.0
#include "apps/console/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "core/text.hpp"

namespace openpcc::cli {

namespace {

constexpr std::size_t kWidth = 110;

void indent(const json::Value& value, std::size_t depth, std::string& out) {
    std::string flat = value.to_text();
    const bool nested = value.is_object() || value.is_array();
    // The outermost object is always one member a line.
    if (!nested || (depth > 0 && flat.size() + 2 * depth <= kWidth) || flat.size() == 2) {
        out += flat;
        return;
    }
    const std::string margin(2 * (depth + 1), ' ');
    const auto line = [&](bool first) { out += (first ? "\n" : ",\n") + margin; };
    out += value.is_object() ? '{' : '[';
    for (std::size_t i = 0; i < value.elements().size(); ++i) {
        line(i == 0);
        indent(value.elements()[i], depth + 1, out);
    }
    for (std::size_t i = 0; i < value.members().size(); ++i) {
        line(i == 0);
        out += json::Value::string(value.members()[i].first).to_text() + ": ";
        indent(value.members()[i].second, depth + 1, out);
    }
    out += "\n" + std::string(2 * depth, ' ') + (value.is_object() ? '}' : ']');
}

}  // namespace

ExitCode exit_code(State state) {
    switch (state) {
        case State::kVerified:
        case State::kVerifiedWithNotes:
            return kOk;
        case State::kNotVerified:
            return kNotVerified;
        case State::kIncomplete:
            return kIncomplete;
        case State::kSimulated:
            return kSimulated;
    }
    return kInternal;
}

ExitCode exit_code(Category category) {
    switch (category) {
        case Category::kBadInput:
        case Category::kUnauthenticated:
            return kRefused;
        case Category::kUnverified:
            return kNotVerified;
        case Category::kUnavailable:
        case Category::kTimeout:
            return kUnreachable;
        case Category::kInternal:
            return kInternal;
    }
    return kInternal;
}

ExitCode worse(ExitCode a, ExitCode b) { return a == kOk || (b != kOk && b < a) ? b : a; }

TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

ExitCode report_as(std::string_view program, const Error& error, ExitCode code, std::string_view hint, bool json) {
    if (json) {
        json::Value out = json::Value::object();
        out.set("error", json::Value::string(error.name()));
        out.set("message", json::Value::string(error.text()));
        out.set("hint", json::Value::string(hint));
        out.set("exit_code", json::Value::integer(code));
        fmt::print("{}\n", out.to_text());
        return code;
    }
    std::fflush(stdout);
    // Some texts come from the other side.
    std::string text;
    const std::string described = error.describe();
    for (std::string_view left = described; !left.empty();) text += take_printable(left);
    fmt::print(stderr, "{}: error: {}\n", program, text);
    if (!hint.empty()) fmt::print(stderr, "{}: hint: {}\n", program, hint);
    return code;
}

std::string indented(const json::Value& value) {
    std::string out;
    indent(value, 0, out);
    return out + "\n";
}

}  // namespace openpcc::cli
