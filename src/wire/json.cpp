// SPDX-License-Identifier: Apache-2.0
#include "wire/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "core/assert.hpp"

namespace openpcc::json {

namespace {

constexpr std::size_t kMaxText = 16 << 20;
constexpr std::size_t kMaxElements = 1 << 20;

void append_escaped(Plaintext& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out.append(as_bytes("\""));
    std::size_t plain = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(i < text.size() ? text[i] : 0);
        if (i < text.size() && byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(as_bytes(text.substr(plain, i - plain)));
        plain = i + 1;
        if (i == text.size()) break;
        if (byte == '"' || byte == '\\') {
            const char escape[] = {'\\', static_cast<char>(byte)};
            out.append(as_bytes({escape, 2}));
        } else {
            const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]};
            out.append(as_bytes({escape, 6}));
        }
    }
    out.append(as_bytes("\""));
}

// A string may keep short text inside itself: wiping covers its whole buffer.
void wipe_string(std::string& text) noexcept {
    text.resize(text.capacity());
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    text.clear();
}

// What grows moves, and leaves nothing behind: a short text stays inside the string that it was moved from.
void append_text(std::string& text, std::string_view part) {
    if (text.size() + part.size() > text.capacity()) {
        std::string larger;
        larger.reserve(std::max(text.size() + part.size(), 2 * text.capacity()));
        larger.append(text);
        wipe_string(text);
        text.swap(larger);
    }
    text.append(part);
}

Member& append_member(std::vector<Member>& members, std::string_view name, Value value) {
    if (members.size() == members.capacity()) {
        std::vector<Member> larger;
        larger.reserve(std::max<std::size_t>(4, 2 * members.capacity()));
        for (Member& member : members) {
            larger.emplace_back(std::move(member));
            wipe_string(member.first);
        }
        members.swap(larger);
    }
    return members.emplace_back(name, std::move(value));
}

}  // namespace

Value Value::boolean(bool value) {
    Value out;
    out.kind_ = Kind::kBool;
    out.bool_ = value;
    return out;
}
Value Value::integer(std::int64_t value) {
    Value out;
    out.kind_ = Kind::kNumber;
    out.text_ = std::to_string(value);
    return out;
}
Value Value::string(std::string_view value) {
    Value out;
    out.kind_ = Kind::kString;
    out.text_ = value;
    return out;
}
Value Value::array() {
    Value out;
    out.kind_ = Kind::kArray;
    return out;
}
Value Value::object() {
    Value out;
    out.kind_ = Kind::kObject;
    return out;
}

Value::Value(Value&& other) noexcept
    : kind_(other.kind_),
      bool_(other.bool_),
      text_(std::move(other.text_)),
      elements_(std::move(other.elements_)),
      members_(std::move(other.members_)) {
    wipe_string(other.text_);
    other.kind_ = Kind::kNull;
}

Value& Value::operator=(Value&& other) noexcept {
    if (this != &other) {
        wipe_text();
        kind_ = std::exchange(other.kind_, Kind::kNull);
        bool_ = other.bool_;
        text_ = std::move(other.text_);
        wipe_string(other.text_);
        elements_ = std::move(other.elements_);
        members_ = std::move(other.members_);
    }
    return *this;
}

Value::~Value() { wipe_text(); }

void Value::wipe_text() noexcept {
    wipe_string(text_);
    for (Member& member : members_) wipe_string(member.first);
}

Value Value::clone() const {
    Value out;
    out.kind_ = kind_;
    out.bool_ = bool_;
    out.text_ = text_;
    for (const Value& element : elements_) out.elements_.push_back(element.clone());
    for (const Member& member : members_) out.members_.emplace_back(member.first, member.second.clone());
    return out;
}

std::optional<bool> Value::as_bool() const { return kind_ == Kind::kBool ? std::optional(bool_) : std::nullopt; }

std::optional<std::int64_t> Value::as_int() const {
    if (kind_ != Kind::kNumber) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    return error == std::errc() && end == text_.data() + text_.size() ? std::optional(value) : std::nullopt;
}

std::optional<double> Value::as_double() const {
    if (kind_ != Kind::kNumber) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    return error == std::errc() && end == text_.data() + text_.size() ? std::optional(value) : std::nullopt;
}

std::optional<std::string_view> Value::as_string() const {
    return kind_ == Kind::kString ? std::optional<std::string_view>(text_) : std::nullopt;
}

const Value* Value::get(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &Member::first);
    return found == members_.end() ? nullptr : &found->second;
}
Value* Value::get(std::string_view name) { return const_cast<Value*>(std::as_const(*this).get(name)); }

Value& Value::set(std::string_view name, Value value) {
    OPENPCC_ASSERT(kind_ == Kind::kObject);
    if (Value* existing = get(name)) return *existing = std::move(value);
    return append_member(members_, name, std::move(value)).second;
}

Value& Value::push(Value value) {
    OPENPCC_ASSERT(kind_ == Kind::kArray);
    return elements_.emplace_back(std::move(value));
}

void Value::remove(std::string_view name) {
    std::erase_if(members_, [&](const Member& member) { return member.first == name; });
}

void Value::write(Plaintext& out) const {
    switch (kind_) {
        case Kind::kNull: return out.append(as_bytes("null"));
        case Kind::kBool: return out.append(as_bytes(bool_ ? "true" : "false"));
        case Kind::kNumber: return out.append(as_bytes(text_));
        case Kind::kString: return append_escaped(out, text_);
        case Kind::kArray: {
            out.append(as_bytes("["));
            for (std::size_t i = 0; i < elements_.size(); ++i) {
                if (i > 0) out.append(as_bytes(","));
                elements_[i].write(out);
            }
            return out.append(as_bytes("]"));
        }
        case Kind::kObject: {
            out.append(as_bytes("{"));
            for (std::size_t i = 0; i < members_.size(); ++i) {
                if (i > 0) out.append(as_bytes(","));
                append_escaped(out, members_[i].first);
                out.append(as_bytes(":"));
                members_[i].second.write(out);
            }
            return out.append(as_bytes("}"));
        }
    }
}

std::string Value::to_text() const {
    Plaintext out;
    write(out);
    return out.with([](ByteView view) { return to_string(view); });
}

// Builder makes the tree from the parser's events. A repeated member stops the parser.
class Builder {
  public:
    using error_code = boost::json::error_code;
    using string_view = boost::json::string_view;
    static constexpr std::size_t max_object_size = kMaxElements;
    static constexpr std::size_t max_array_size = kMaxElements;
    static constexpr std::size_t max_key_size = kMaxText;
    static constexpr std::size_t max_string_size = kMaxText;

    ~Builder() { wipe_string(text_); }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return open(Value::object()); }
    bool on_object_end(std::size_t, error_code& ec) {
        std::vector<std::string_view> names;
        for (const Member& member : stack_.back().members_) names.push_back(member.first);
        std::ranges::sort(names);
        if (std::ranges::adjacent_find(names) != names.end()) return refuse(ec);
        return close();
    }
    bool on_array_begin(error_code&) { return open(Value::array()); }
    bool on_array_end(std::size_t, error_code&) { return close(); }
    bool on_key_part(string_view part, std::size_t, error_code&) { return append(part); }
    bool on_key(string_view part, std::size_t, error_code&) {
        append(part);
        append_member(stack_.back().members_, text_, Value());
        wipe_string(text_);
        return true;
    }
    bool on_string_part(string_view part, std::size_t, error_code&) { return append(part); }
    bool on_string(string_view part, std::size_t, error_code&) {
        append(part);
        return place(take_text(Value::Kind::kString));
    }
    bool on_number_part(string_view part, error_code&) { return append(part); }
    bool on_int64(std::int64_t, string_view part, error_code&) { return number(part); }
    bool on_uint64(std::uint64_t, string_view part, error_code&) { return number(part); }
    bool on_double(double, string_view part, error_code&) { return number(part); }
    bool on_bool(bool value, error_code&) { return place(Value::boolean(value)); }
    bool on_null(error_code&) { return place(Value()); }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

    Value take() { return std::move(result_); }

  private:
    static bool refuse(error_code& ec) {
        ec = boost::json::error::syntax;
        return false;
    }
    bool append(string_view part) {
        append_text(text_, {part.data(), part.size()});
        return true;
    }
    Value take_text(Value::Kind kind) {
        Value value;
        value.kind_ = kind;
        value.text_ = text_;
        wipe_string(text_);
        return value;
    }
    bool number(string_view part) {
        append(part);
        return place(take_text(Value::Kind::kNumber));
    }
    bool open(Value value) {
        stack_.push_back(std::move(value));
        return true;
    }
    bool close() {
        Value value = std::move(stack_.back());
        stack_.pop_back();
        return place(std::move(value));
    }
    bool place(Value value) {
        if (stack_.empty())
            result_ = std::move(value);
        else if (stack_.back().kind_ == Value::Kind::kArray)
            stack_.back().elements_.push_back(std::move(value));
        else
            stack_.back().members_.back().second = std::move(value);
        return true;
    }

    std::vector<Value> stack_;
    std::string text_;
    Value result_;
};

Result<Value> parse(ByteView bytes, std::size_t max_depth) {
    boost::json::parse_options options;
    options.max_depth = max_depth;
    boost::json::basic_parser<Builder> parser(options);
    boost::json::error_code ec;
    const std::size_t used = parser.write_some(false, reinterpret_cast<const char*>(bytes.data()), bytes.size(), ec);
    if (ec || !parser.done() || used != bytes.size()) return fail(wire::kBadJson);
    return parser.handler().take();
}

}  // namespace openpcc::json
