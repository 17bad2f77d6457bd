// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "hops/gateway/node_pool.hpp"
#include "protocol/seal/header.hpp"

namespace openpcc::gateway {

// Forward carries one sealed request to one of its candidates. The header is reduced, so that a node sees no other
// node's wrap; the chunks pass as they are. When a candidate fails before the first byte of its answer, the next one gets
// the same request from the start, as long as what was sent is still held (kHeldForRetry).
class Forward {
  public:
    explicit Forward(NodePool& pool) : pool_(pool) {}
    ~Forward();
    Forward(const Forward&) = delete;
    Forward& operator=(const Forward&) = delete;

    // content takes the sealed request's bytes as they come.
    net::Task<Result<void>> content(ByteView bytes);
    // finish ends the request and waits for the first byte of an answer.
    struct Begun {
        http::ResponseHead head;
        Bytes first;  // what was read of the content already; empty: the content is empty
    };
    net::Task<Result<Begun>> finish();
    // read gives the answer's further content; 0 is its end.
    net::Task<Result<std::size_t>> read(ByteSpan into);

  private:
    net::Task<Result<void>> start_next();
    net::Task<Result<void>> send(ByteView bytes);
    net::Task<Result<void>> deliver(ByteView bytes);
    net::Task<Result<Begun>> begin();
    net::Task<Result<Begun>> read_answer();
    // failed: the node did, and not the client, who may leave or send what a node refuses.
    void leave_node(bool failed);

    NodePool& pool_;
    seal::HeaderReader<seal::FullHeader> header_reader_;
    bool header_known_ = false;
    std::vector<std::size_t> order_;
    std::size_t next_ = 0;
    std::shared_ptr<Node> node_;
    std::unique_ptr<http::Call> call_;
    std::optional<Begun> early_;  // the node's answer, when it came before the request's end
    Bytes held_;                  // chunks that were sent
    bool can_retry_ = true;
};

}  // namespace openpcc::gateway
