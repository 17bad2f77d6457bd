// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openpcc::http {

// The vocabulary of HTTP messages (RFC 9110), shared by Binary HTTP and the connection code. Pure data; who fills it has
// checked it against the rules below.

// Field is one header or trailer line. Names are lower case tokens; values hold no NUL, CR or LF and no surrounding
// spaces or tabs.
struct Field {
    std::string name;
    std::string value;
    friend bool operator==(const Field&, const Field&) = default;
};

// Fields keeps the order of arrival.
class Fields {
  public:
    Fields() = default;
    Fields(std::initializer_list<Field> list) : list_(list) {}

    void add(std::string name, std::string value) { list_.push_back({std::move(name), std::move(value)}); }
    // set replaces every line of that name.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    // get is the value when there is exactly one line of that name; none and several are both nullopt.
    std::optional<std::string_view> get(std::string_view name) const;
    std::size_t count(std::string_view name) const;

    const std::vector<Field>& list() const { return list_; }
    bool empty() const { return list_.empty(); }
    std::size_t size() const { return list_.size(); }
    friend bool operator==(const Fields&, const Fields&) = default;

  private:
    std::vector<Field> list_;
};

// RequestHead: `path` is the origin form, with the query. `scheme` and `authority` may be empty on an HTTP/1.1 hop.
struct RequestHead {
    std::string method;
    std::string scheme;
    std::string authority;
    std::string path;
    Fields fields;
    friend bool operator==(const RequestHead&, const RequestHead&) = default;
};

struct ResponseHead {
    std::uint16_t status = 0;
    Fields fields;
    friend bool operator==(const ResponseHead&, const ResponseHead&) = default;
};

// RFC 9110 section 5.6.2 token, in lower case.
bool is_field_name(std::string_view name);
// RFC 9110 section 5.5: visible bytes, obs-text, inner spaces and tabs.
bool is_field_value(std::string_view value);
bool is_token(std::string_view text);
// media_type_is compares a content-type value with a media type: case-insensitive, parameters ignored.
bool media_type_is(std::optional<std::string_view> content_type, std::string_view media_type);

}  // namespace openpcc::http
