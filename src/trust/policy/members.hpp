// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "trust/policy/measurement.hpp"
#include "wire/json.hpp"

// The inside of trust/policy: one strict way to read objects.
namespace openpcc::policy {

inline constexpr std::size_t kMaxList = 256;
inline constexpr std::int64_t kMaxDays = 3650;

// bad is policy.bad_policy with the path of the member, which is cut and cleaned: it can come from the file.
std::unexpected<Error> bad(std::string_view path, std::string_view what);

Result<json::Value> read_json(ByteView text);

// printable: 1 to `limit` printable ASCII characters.
bool is_printable(std::string_view text, std::size_t limit);
// advisory: 1 to 64 capital letters, digits and hyphens.
bool is_advisory(std::string_view text);

// Members reads the members of one object by name and, at the end, refuses those that nobody asked for.
class Members {
  public:
    static Result<Members> of(const json::Value& value, std::string path);

    std::string path(std::string_view name) const;
    Result<const json::Value*> get(std::string_view name);
    Result<std::string> text(std::string_view name);
    Result<std::int64_t> number(std::string_view name, std::int64_t least, std::int64_t most);
    Result<bool> truth(std::string_view name);
    Result<TimePoint> moment(std::string_view name);
    Result<Members> object(std::string_view name);
    Result<const std::vector<json::Value>*> list(std::string_view name, std::size_t limit = kMaxList);
    Result<void> finish() const;

    template <class Array>
    Result<Array> hex(std::string_view name) {
        OPENPCC_TRY(const std::string digits, text(name));
        const auto out = array_from_hex<Array>(digits);
        if (!out) return bad(path(name), "not " + std::to_string(Array::kSize) + " bytes in hex");
        return *out;
    }
    // each reads a list whose entries are all different; `read(value, path)` reads one.
    template <class T, class Read>
    Result<std::vector<T>> each(std::string_view name, Read read, std::size_t limit = kMaxList) {
        OPENPCC_TRY(const auto* values, list(name, limit));
        std::vector<T> out;
        for (const json::Value& value : *values) {
            const std::string where = path(name) + "[" + std::to_string(out.size()) + "]";
            OPENPCC_TRY(T entry, read(value, where));
            if (std::ranges::find(out, entry) != out.end()) return bad(where, "stands twice");
            out.push_back(std::move(entry));
        }
        return out;
    }
    // one_of reads one of the texts that `to_string` gives for the values.
    template <class T, std::size_t N>
    Result<T> one_of(std::string_view name, const T (&values)[N], std::string_view what) {
        OPENPCC_TRY(const std::string found, text(name));
        for (const T value : values)
            if (found == to_string(value)) return value;
        return bad(path(name), "not " + std::string(what));
    }

  private:
    Members(const json::Value& object, std::string path) : object_(&object), path_(std::move(path)) {}
    const json::Value* object_;
    std::string path_;
    std::vector<std::string_view> known_;
};

Result<std::string> read_text(const json::Value& value, const std::string& path);
Result<std::string> read_advisory(const json::Value& value, const std::string& path);

template <class Array>
Result<Array> read_hex(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(const std::string digits, read_text(value, path));
    const auto out = array_from_hex<Array>(digits);
    if (!out) return bad(path, "not " + std::to_string(Array::kSize) + " bytes in hex");
    return *out;
}
// read_name reads one of the texts that `to_string` gives for the values.
template <class T, std::size_t N>
auto read_name(const T (&values)[N], std::string_view what) {
    return [&values, what](const json::Value& value, const std::string& path) -> Result<T> {
        OPENPCC_TRY(const std::string found, read_text(value, path));
        for (const T candidate : values)
            if (found == to_string(candidate)) return candidate;
        return bad(path, "not " + std::string(what));
    };
}

// one_each refuses a second entry with the same key: it would leave open which one counts.
template <class List, class Key>
Result<void> one_each(const List& list, Key key, const std::string& path) {
    for (std::size_t i = 0; i < list.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (std::invoke(key, list[i]) == std::invoke(key, list[j]))
                return bad(path + "[" + std::to_string(i) + "]", "there is one for this already");
    return {};
}

// write_list writes what `write(entry)` makes of each entry.
template <class List, class Write>
json::Value write_list(const List& list, Write write) {
    auto out = json::Value::array();
    for (const auto& entry : list) out.push(write(entry));
    return out;
}
inline json::Value write_text(std::string_view text) { return json::Value::string(text); }
inline json::Value write_hex(ByteView bytes) { return json::Value::string(to_hex(bytes)); }
inline json::Value write_days(Seconds value) {
    return json::Value::integer(std::chrono::floor<std::chrono::days>(value).count());
}

}  // namespace openpcc::policy
