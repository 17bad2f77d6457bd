// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "wire/http.hpp"

namespace openpcc::http::h1 {

// The heads of HTTP/1.1 messages (RFC 9112), read in pieces of any size. Pure. It is stricter than the standard
// wherever two implementations could disagree about where a message ends (RFC 9112 section 11.2): what it takes,
// everybody reads the same way. The outcome does not depend on how the bytes were cut.

struct HeadLimits {
    std::size_t bytes;
    std::size_t fields;
};

// Framing says where a message's content ends.
struct Framing {
    enum class Kind { kNone, kLength, kChunked };
    Kind kind = Kind::kNone;
    std::uint64_t length = 0;
    friend bool operator==(const Framing&, const Framing&) = default;
};

// parse_length reads a Content-Length value: digits, no sign, no list, no leading zero, below 2^63.
Result<std::uint64_t> parse_length(std::string_view text);
// is_connection_field: the fields that belong to one connection and so to this layer (RFC 9110 section 7.6.1).
bool is_connection_field(std::string_view name);

// Lines cuts a head into its lines. CRLF only; no other control byte than a tab passes.
class Lines {
  public:
    explicit Lines(std::size_t limit) : left_(limit) {}
    // feed returns how many bytes it took; has_line afterwards says whether a line is complete.
    Result<std::size_t> feed(ByteView in);
    bool has_line() const { return has_line_; }
    std::string_view line() const { return line_; }
    void next() {
        line_.clear();
        has_line_ = false;
    }

  private:
    std::size_t left_;
    std::string line_;
    bool after_cr_ = false;
    bool has_line_ = false;
};

// Head is what requests and answers have in common. It ends with the blank line and takes no byte after it.
class Head {
  public:
    explicit Head(HeadLimits limits) : limits_(limits), lines_(limits.bytes) {}
    virtual ~Head() = default;

    // feed returns how many bytes it took: all of them until the head is done.
    Result<std::size_t> feed(ByteView in);
    bool done() const { return done_; }
    // persistent: the connection may carry another message after this one.
    bool persistent() const { return persistent_; }
    const Framing& framing() const { return framing_; }

  protected:
    virtual Result<void> take_first(std::string_view line) = 0;
    virtual Result<void> complete() = 0;
    // parse_version reads the version's text; 1.0 and 1.1 exist.
    Result<void> parse_version(std::string_view text);
    // find_framing reads the fields that say where the content ends.
    Result<void> find_framing();
    // apply_connection reads Connection and drops every field that belongs to the connection.
    Result<void> apply_connection();

    Fields fields_;
    Framing framing_;
    bool persistent_ = false;
    bool http_1_0_ = false;

  private:
    Result<void> take_line(std::string_view line);
    Result<void> take_field(std::string_view line);

    HeadLimits limits_;
    Lines lines_;
    bool first_seen_ = false;
    bool done_ = false;
};

class ReceivedRequest final : public Head {
  public:
    using Head::Head;
    // take gives the head: the Host field is its authority, connection fields are gone.
    RequestHead take() { return std::move(head_); }
    bool expects_continue() const { return expects_continue_; }
    bool is_1_0() const { return http_1_0_; }
    bool is_head_method() const { return is_head_method_; }

  private:
    Result<void> take_first(std::string_view line) override;
    Result<void> complete() override;
    Result<void> take_host();
    Result<void> take_expect();

    RequestHead head_;
    bool expects_continue_ = false;
    bool is_head_method_ = false;
};

// How an answer is framed depends on the request that it answers (RFC 9112 section 6.3).
class ReceivedResponse final : public Head {
  public:
    ReceivedResponse(HeadLimits limits, std::string_view request_method)
        : Head(limits), to_head_method_(request_method == "HEAD") {}
    ResponseHead take() { return std::move(head_); }
    std::uint16_t status() const { return status_; }

  private:
    Result<void> take_first(std::string_view line) override;
    Result<void> complete() override;

    ResponseHead head_;
    std::uint16_t status_ = 0;
    bool to_head_method_;
};

}  // namespace openpcc::http::h1
