// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/tap.hpp"

#include <algorithm>
#include <array>

namespace openpcc::demo {

namespace {

constexpr std::size_t kMaxMessage = 4 << 20;

// Only the content type is carried: the rest of a head is each hop's own.
http::Fields type_only(const http::Fields& from) {
    http::Fields out;
    if (const auto type = from.get("content-type")) out.add("content-type", std::string(*type));
    return out;
}

net::Task<Result<Bytes>> gather(http::Exchange& exchange) {
    Bytes content;
    std::array<std::uint8_t, 16 * 1024> piece;
    while (true) {
        OPENPCC_CO_TRY(const std::size_t size, co_await exchange.read_body(piece));
        if (size == 0) co_return content;
        content.append(ByteView(piece).first(size));
    }
}

}  // namespace

Result<std::unique_ptr<Tap>> Tap::make(net::Loop& loop, const net::Endpoint& listen, const net::Endpoint& target) {
    std::unique_ptr<Tap> tap(new Tap);
    tap->target_ = http::Client::make(loop, target, http::ClientLimits{}, nullptr);
    http::ServerLimits limits;
    limits.body_bytes = kMaxMessage;
    Tap* self = tap.get();
    OPENPCC_TRY(tap->server_, http::Server::listen(loop, listen, limits, nullptr,
                                                   [self](http::Exchange& exchange) { return self->serve(exchange); }));
    return tap;
}

const Tap::Message* Tap::last(std::string_view path) const {
    const auto found = std::ranges::find_if(last_, [&](const Message& message) { return message.path == path; });
    return found == last_.end() ? nullptr : &*found;
}

net::Task<Result<Tap::Message>> Tap::replay(const Message& request) {
    http::RequestHead head{request.method, "", "", request.path, type_only(request.fields)};
    OPENPCC_CO_TRY(auto answer, co_await target_->fetch(std::move(head), request.content, kMaxMessage));
    Message message{request.method, request.path, answer.head.status, type_only(answer.head.fields), std::move(answer.content)};
    co_return message;
}

net::Task<void> Tap::serve(http::Exchange& exchange) {
    auto content = co_await gather(exchange);
    if (!content) co_return;
    const http::RequestHead& head = exchange.request();
    Message request{head.method, head.path, 0, type_only(head.fields), std::move(*content)};
    if (on_request_) on_request_(request);
    std::erase_if(last_, [&](const Message& message) { return message.path == request.path; });
    last_.push_back(request);
    auto answer = co_await replay(request);
    if (!answer) co_return;  // the peer sees the connection end, as it would without a tap
    if (on_answer_) on_answer_(*answer);
    http::ResponseHead out{answer->status, answer->fields};
    co_await exchange.respond_whole(std::move(out), answer->content);
}

}  // namespace openpcc::demo
