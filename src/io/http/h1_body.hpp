// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/bytes.hpp"
#include "core/secret.hpp"
#include "io/http/h1_chunked.hpp"
#include "io/http/h1_head.hpp"
#include "io/net/stream.hpp"
#include "io/net/task.hpp"

namespace openpcc::http::h1 {

using net::Deadline;
using net::Task;

// from_net: a deadline that passed is http.timeout; the rest keeps its name.
Error from_net(Error error);

// Inbound is the reading side of a connection: a stream and a bounded buffer of bytes that came with others. The stream
// outlives it.
class Inbound {
  public:
    explicit Inbound(net::Stream& stream) : stream_(stream) {}
    // An engine's answers pass through here in the clear.
    ~Inbound() { wipe(buffer_.span()); }
    Inbound(const Inbound&) = delete;
    Inbound& operator=(const Inbound&) = delete;

    ByteView pending() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
    bool empty() const { return begin_ == end_; }
    bool full() const { return begin_ == 0 && end_ == kCapacity; }
    void take(std::size_t count) { begin_ += count; }

    // fill adds what arrives to the buffer, which must not be full; 0 is the peer's end.
    Task<Result<std::size_t>> fill(Deadline deadline);
    // read_into gives buffered bytes first and otherwise reads straight into the caller's memory; 0 is the peer's end.
    Task<Result<std::size_t>> read_into(ByteSpan into, Deadline deadline);

    // read_head feeds a head until it is done; http.truncated when the peer ends first.
    Task<Result<void>> read_head(Head& head, Deadline deadline);

  private:
    static constexpr std::size_t kCapacity = 16 * 1024;
    net::Stream& stream_;
    Bytes buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

// Incoming is the content of one message on its way in.
class Incoming {
  public:
    // limit bounds the content of a chunked message, whose length nobody has announced.
    Incoming(Inbound& in, Framing framing, std::uint64_t limit);

    // read gives the next bytes; 0 is the content's proper end, and an earlier end is http.truncated.
    Task<Result<std::size_t>> read(ByteSpan into, Deadline deadline);
    bool ended() const { return ended_; }

  private:
    Task<Result<std::size_t>> read_chunked(ByteSpan into, Deadline deadline);

    Inbound& in_;
    Framing framing_;
    Chunked chunked_;
    std::uint64_t left_;
    bool ended_;
};

// Outgoing is one message on its way out: a head that waits for the first write, then content by its framing.
class Outgoing {
  public:
    enum class Kind { kNone, kLength, kChunked, kUntilClose };
    explicit Outgoing(net::Stream& stream) : stream_(stream) {}

    // begin keeps the head for the first write. silent: the content is counted and not sent (answers to HEAD).
    void begin(std::string head, Kind kind, std::uint64_t length, bool silent);
    Task<Result<void>> flush(Deadline deadline);
    // write sends content, with its chunk's frame in the same system call.
    Task<Result<void>> write(ByteView content, Deadline deadline);
    // finish ends the content; http.misuse when it is shorter than announced.
    Task<Result<void>> finish(Deadline deadline);
    // write_last is write and finish in one system call.
    Task<Result<void>> write_last(ByteView content, Deadline deadline);

    bool begun() const { return begun_; }
    // finished: everything was sent as announced.
    bool finished() const { return finished_; }
    // broken: an error or a missing rest; the connection cannot carry anything more.
    bool broken() const { return broken_; }

  private:
    Result<void> admit(std::size_t size);
    Task<Result<void>> send(ByteView content, bool last, Deadline deadline);

    net::Stream& stream_;
    std::string head_;
    Kind kind_ = Kind::kNone;
    std::uint64_t left_ = 0;
    bool silent_ = false;
    bool begun_ = false;
    bool finished_ = false;
    bool broken_ = false;
};

// close_in_order ends our half and reads on for a moment, because closing with unread bytes would make the kernel reset
// the connection and could destroy the answer on its way.
Task<void> close_in_order(net::Stream& stream);

}  // namespace openpcc::http::h1
