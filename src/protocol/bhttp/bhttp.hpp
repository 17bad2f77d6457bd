// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "wire/http.hpp"

// Binary HTTP (RFC 9292), both framings. Pure and incremental: bytes go in as they come, events come out.
namespace openpcc::bhttp {

struct Limits {
    std::size_t head_bytes = 16 * 1024;    // control data and one field section
    std::size_t field_count = 64;
    std::size_t informational = 8;         // 1xx answers before the final one
    std::uint64_t content_bytes = 1 << 20;
    std::size_t padding_bytes = 64 * 1024;
};

// Sink receives a message's parts in order. Content is handed on as it comes, in pieces whose borders mean nothing. A
// returned error stops the decoder, which then only repeats it.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual Result<void> request_head(http::RequestHead head) { (void)head; return fail_unexpected(); }
    virtual Result<void> response_head(http::ResponseHead head) { (void)head; return fail_unexpected(); }
    virtual Result<void> informational(http::ResponseHead head) { (void)head; return {}; }
    virtual Result<void> content(ByteView bytes) = 0;
    // trailers is called once, also when there are none; after it only padding follows.
    virtual Result<void> trailers(http::Fields fields) { (void)fields; return {}; }

  private:
    static Result<void> fail_unexpected();
};

enum class Kind { kRequest, kResponse };

// Decoder is a state machine that can stop at any byte. A message of the other kind than `expected` is malformed. It
// keeps at most one field section and hands content on without copying it.
class Decoder {
  public:
    Decoder(Kind expected, Limits limits, Sink& sink);
    ~Decoder();
    Decoder(Decoder&&) noexcept;

    Result<void> update(ByteView bytes);
    // finish says that the message has ended here (its carrier has authenticated that). It refuses a message that
    // RFC 9292 section 3.8 does not allow to end here.
    Result<void> finish();
    // complete: the trailers are in; only padding may follow.
    bool complete() const;
    std::uint64_t padding_length() const;
    bool known_length() const;  // framing indicator 0 or 1, once known

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Encoders of the indeterminate-length form, for streams. Heads that break the rules of wire/http.hpp are bugs (asserted)
// except that fields in upper case or connection-level fields (RFC 9110 section 7.6.1) are dropped by no one but us:
// callers give end-to-end fields only.
Bytes encode_request_head(const http::RequestHead& head);
Bytes encode_response_head(const http::ResponseHead& head);
Bytes encode_informational(const http::ResponseHead& head);  // goes after response framing has begun: see the cpp
// content_prefix is the length that precedes a piece of content; a piece is never empty.
Bytes content_prefix(std::size_t size);
// encode_end ends the content and writes the trailers.
Bytes encode_end(const http::Fields& trailers = {});

// Whole messages in the known-length form, for small exchanges and vectors.
struct Request {
    http::RequestHead head;
    Bytes content;
    http::Fields trailers;
};
struct Response {
    std::vector<http::ResponseHead> informational;
    http::ResponseHead head;
    Bytes content;
    http::Fields trailers;
};
Bytes encode(const Request& request);
Bytes encode(const Response& response);
Result<Request> decode_request(ByteView bytes, Limits limits);
Result<Response> decode_response(ByteView bytes, Limits limits);

}  // namespace openpcc::bhttp
