// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "protocol/bhttp/errors.hpp"
#include "wire/http.hpp"

// Binary HTTP (RFC 9292), both framings. Pure and incremental: bytes go in as they come, events come out.
//
// Where the standard leaves a choice, this decoder refuses: padding that is not zero (section 3.8), names in upper case
// (section 3.6), control bytes in values, control data that no HTTP/2 request could carry (section 3.4), and so
// CONNECT, which serves no purpose here (section 6).
namespace openpcc::bhttp {

// Pseudo-fields of protocol extensions (":protocol") may stand first in a header section (section 3.6). Nothing here
// knows one, and with them a field's name would not be a token: they are refused unless asked for.
enum class PseudoFields { kRefuse, kKeep };

struct Limits {
    std::size_t head_bytes = 16 * 1024;  // control data with its field section, or the trailers
    std::size_t field_count = 64;        // in one section
    std::size_t informational = 8;       // 1xx answers before the final one
    std::uint64_t content_bytes = 1 << 20;
    std::size_t padding_bytes = 64 * 1024;
    PseudoFields pseudo_fields = PseudoFields::kRefuse;
};

// Sink receives a message's parts in order. Content is handed on as it comes, in pieces whose borders mean nothing. A
// returned error stops the decoder, which then only repeats it.
class Sink {
  public:
    virtual ~Sink() = default;
    // A sink overrides the head that it expects; the other one cannot come (Kind).
    virtual Result<void> request_head(http::RequestHead head) {
        (void)head;
        return fail_unexpected();
    }
    virtual Result<void> response_head(http::ResponseHead head) {
        (void)head;
        return fail_unexpected();
    }
    virtual Result<void> informational(http::ResponseHead head) {
        (void)head;
        return {};
    }
    virtual Result<void> content(ByteView bytes) = 0;
    // trailers is called once, also when there are none; after it only padding follows.
    virtual Result<void> trailers(http::Fields fields) {
        (void)fields;
        return {};
    }

  private:
    static Result<void> fail_unexpected();
};

enum class Kind { kRequest, kResponse };

// Decoder is a state machine that can stop at any byte: every split of a message gives the same events and the same
// error. A message of the other kind than `expected` is malformed. It keeps at most one field section and hands content
// on without copying it; a length is checked against the limits before anything is kept. The sink must outlive it. One
// owner, one thread at a time; after an error it only repeats it.
class Decoder {
  public:
    Decoder(Kind expected, Limits limits, Sink& sink);
    ~Decoder();
    Decoder(Decoder&&) noexcept;

    Result<void> update(ByteView bytes);
    // finish says that the message has ended here (its carrier has authenticated that). It refuses a message that
    // RFC 9292 section 3.8 does not allow to end here (bhttp.truncated), and hands on what was left out as empty.
    Result<void> finish();
    // complete: the trailers are in; only padding may follow.
    bool complete() const;
    std::uint64_t padding_length() const;
    bool known_length() const;  // framing indicator 0 or 1, once known

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Encoders of the indeterminate-length form, for streams. A head or field that breaks the rules of wire/http.hpp is a
// bug (asserted). Fields are written as they are: call strip_connection_fields first on fields that came from a
// connection.
//
// A request is  encode_request_head, { content_prefix, piece }*, encode_end.
// A response is encode_response_head, { content_prefix, piece }*, encode_end; or, with 1xx answers before it,
// encode_response_start, encode_informational+, encode_final_head, and then as above.
Bytes encode_request_head(const http::RequestHead& head);
Bytes encode_response_head(const http::ResponseHead& head);
Bytes encode_response_start();
Bytes encode_informational(const http::ResponseHead& head);  // status 100..199 (asserted)
Bytes encode_final_head(const http::ResponseHead& head);
// content_prefix is the length that precedes a piece of content; a piece is never empty (asserted).
Bytes content_prefix(std::size_t size);
// encode_end ends the content and writes the trailers.
Bytes encode_end(const http::Fields& trailers = {});

// strip_connection_fields removes what is about a connection (RFC 9110 section 7.6.1): Connection and the fields that
// it names, Keep-Alive, TE, Transfer-Encoding, Upgrade, Proxy-*; and pseudo-fields. The decoder leaves them in, as
// section 3.6 wants, but they must not act: strip before a message becomes real HTTP, and before fields of a connection
// are encoded.
void strip_connection_fields(http::Fields& fields);

// Whole messages, for small exchanges and vectors: encode writes the known-length form, decode reads both.
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
