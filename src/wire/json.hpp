// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "wire/errors.hpp"

// Strict JSON (RFC 8259) behind a small tree: UTF-8 only, bounded depth, no repeated member, nothing after the value.
// wire.bad_json for everything else. The parser underneath is Boost.JSON's, seen by json.cpp alone.
namespace openpcc::json {

class Value;
using Member = std::pair<std::string, Value>;

// Value is one JSON value. It may hold a user's words, so it wipes its text when it dies, and has no formatter other
// than `write`. Numbers keep the text that they came with: what is passed on is what was said.
class Value {
  public:
    enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

    Value() = default;
    static Value boolean(bool value);
    static Value integer(std::int64_t value);
    static Value string(std::string_view value);
    static Value array();
    static Value object();

    Value(Value&& other) noexcept;
    Value& operator=(Value&& other) noexcept;
    Value(const Value&) = delete;
    Value& operator=(const Value&) = delete;
    ~Value();
    Value clone() const;

    Kind kind() const { return kind_; }
    bool is_object() const { return kind_ == Kind::kObject; }
    bool is_array() const { return kind_ == Kind::kArray; }
    bool is_string() const { return kind_ == Kind::kString; }

    // Readers by kind; nullopt for another kind (and for a number that is no integer in range).
    std::optional<bool> as_bool() const;
    std::optional<std::int64_t> as_int() const;
    std::optional<double> as_double() const;
    std::optional<std::string_view> as_string() const;
    const std::vector<Value>& elements() const { return elements_; }   // of an array
    const std::vector<Member>& members() const { return members_; }    // of an object, in order

    // get is the member of that name, or nullptr.
    const Value* get(std::string_view name) const;
    Value* get(std::string_view name);
    // set replaces or adds a member of an object; push adds to an array. On another kind they are a bug (asserted).
    Value& set(std::string_view name, Value value);
    Value& push(Value value);
    void remove(std::string_view name);

    // write appends compact JSON.
    void write(Plaintext& out) const;
    std::string to_text() const;  // for public values only

  private:
    friend class Builder;
    void wipe_text() noexcept;
    Kind kind_ = Kind::kNull;
    bool bool_ = false;
    std::string text_;  // a string's content, or a number as it came
    std::vector<Value> elements_;
    std::vector<Member> members_;
};

inline constexpr std::size_t kMaxDepth = 32;

Result<Value> parse(ByteView bytes, std::size_t max_depth = kMaxDepth);

}  // namespace openpcc::json
