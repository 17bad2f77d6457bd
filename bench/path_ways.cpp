// SPDX-License-Identifier: Apache-2.0
#include "path_ways.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

#include "apps/profiles/client_config.hpp"
#include "hops/client/errors.hpp"
#include "protocol/openai/request.hpp"
#include "protocol/openai/sse.hpp"

namespace openpcc::bench {

namespace {

constexpr std::string_view kChat = "/v1/chat/completions";
constexpr std::string_view kTime = "\"content\":\"t=";
constexpr std::string_view kContent = "\"content\":\"";

TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

// Reading times what arrives.
class Reading {
  public:
    Reading() { answer_.begun_us = now_us(); }
    Result<void> update(ByteView bytes) {
        const double now = now_us();
        return events_.update(bytes, [&](ByteView data) {
            take(as_text(data), now);
            return Result<void>{};
        });
    }
    Answer finish() {
        answer_.total_us = now_us() - answer_.begun_us;
        return std::move(answer_);
    }

  private:
    void take(std::string_view event, double now) {
        ++answer_.events;
        const std::size_t at = event.find(kContent);
        if (at == std::string_view::npos || event.substr(at + kContent.size(), 1) == "\"") return;
        if (answer_.tokens++ == 0) answer_.first_us = now - answer_.begun_us;
        if (!event.substr(at).starts_with(kTime)) return;
        std::int64_t written = 0;
        std::from_chars(event.data() + at + kTime.size(), event.data() + event.size(), written);
        answer_.delays.push_back(now - static_cast<double>(written) / 1e3);
    }

    Answer answer_;
    openai::SseReader events_;
};

class ReadingSink final : public client::AnswerSink {
  public:
    Result<void> head(const http::ResponseHead& head) override {
        status_ = head.status;
        return {};
    }
    Result<void> content(ByteView text) override { return status_ == 200 ? reading_.update(text) : Result<void>{}; }
    std::uint16_t status() const { return status_; }
    Reading& reading() { return reading_; }

  private:
    Reading reading_;
    std::uint16_t status_ = 0;
};

Error refused(std::uint16_t status) { return Error(client::kEngineFailed, fmt::format("status {}", status)); }

class PathWay final : public Way {
  public:
    PathWay(net::Loop& loop, client::Profile profile, Random& random)
        : session_(loop, std::move(profile), random, wall_clock) {}

    net::Task<Result<void>> prepare() override {
        OPENPCC_CO_TRY(const auto judged, co_await session_.judge_nodes());
        co_return judged->nodes.empty() ? fail(client::kNoNode) : Result<void>{};
    }
    net::Task<Result<Answer>> ask(const Plaintext& caller, const Bytes&) override {
        ReadingSink sink;
        http::RequestHead head{"POST", "https", "openpcc", std::string(kChat), {{"content-type", "application/json"}}};
        OPENPCC_CO_TRY(const auto receipt, co_await session_.ask(std::move(head), caller, sink));
        if (sink.status() != 200) co_return std::unexpected(refused(sink.status()));
        co_return sink.reading().finish();
    }

  private:
    client::Session session_;
};

class EngineWay final : public Way {
  public:
    EngineWay(net::Loop& loop, const net::Endpoint& engine)
        : client_(http::Client::make(loop, engine, fresh_connections(), nullptr)) {}

    net::Task<Result<Answer>> ask(const Plaintext&, const Bytes& body) override {
        Reading reading;
        http::RequestHead head{"POST", "", "", std::string(kChat), {{"content-type", "application/json"}}};
        head.fields.add("accept", "text/event-stream");
        head.fields.add("content-length", std::to_string(body.size()));
        OPENPCC_CO_TRY(const auto call, co_await client_->start(std::move(head)));
        OPENPCC_CO_CHECK(co_await call->write(body));
        OPENPCC_CO_CHECK(co_await call->finish());
        OPENPCC_CO_TRY(const auto answer, co_await call->head());
        if (answer.status != 200) co_return std::unexpected(refused(answer.status));
        std::array<std::uint8_t, 16 * 1024> piece;
        while (true) {
            OPENPCC_CO_TRY(const std::size_t size, co_await call->read(piece));
            if (size == 0) break;
            OPENPCC_CO_CHECK(reading.update(ByteView(piece).first(size)));
        }
        co_return reading.finish();
    }

  private:
    // As the node does: llama-server closes kept connections when it likes.
    static http::ClientLimits fresh_connections() {
        http::ClientLimits limits;
        limits.idle_connections = 0;
        return limits;
    }
    std::unique_ptr<http::Client> client_;
};

}  // namespace

Plaintext caller_body(const Shape& shape, std::string_view prompt) {
    std::string text(prompt);
    while (text.size() < shape.prompt_bytes) text.append(" ").append(prompt);
    text.resize(shape.prompt_bytes);
    const std::string body = fmt::format(
        R"({{"model":"demo","messages":[{{"role":"user","content":"{}"}}],"temperature":0,"seed":{},"max_tokens":{},)"
        R"("stream":true}})",
        text, shape.gap_us, shape.tokens);
    return Plaintext::copy_from(as_bytes(body));
}

Bytes engine_body(const Plaintext& caller, Random& random) {
    openai::Dialect dialect;
    dialect.model_name = "demo";
    const auto request =
        caller.with([&](ByteView body) { return openai::admit("POST", kChat, body, dialect, random); });
    Bytes out;
    if (request) request->body.with([&](ByteView body) { out.append(body); });
    return out;
}

Result<std::unique_ptr<Way>> path_way(net::Loop& loop, const std::string& client_toml, Random& random,
                                      std::optional<net::Endpoint> relay) {
    OPENPCC_TRY(auto profile, profiles::load_config(client_toml));
    if (relay) profile.relay = *relay;
    return std::make_unique<PathWay>(loop, std::move(profile), random);
}

std::unique_ptr<Way> engine_way(net::Loop& loop, const net::Endpoint& engine) {
    return std::make_unique<EngineWay>(loop, engine);
}

net::Endpoint relay_of(const std::string& client_toml) {
    const auto profile = profiles::load_config(client_toml);
    return profile ? profile->relay : net::Endpoint{};
}

}  // namespace openpcc::bench
