// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/chat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "apps/openpcc/output.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "hops/client/errors.hpp"
#include "protocol/openai/sse.hpp"
#include "trust/verify/render.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

constexpr ErrorCode kRefusedByNode{"chat.refused_by_node", Category::kBadInput};
constexpr std::size_t kMaxPrompt = 1 << 20;

Result<std::string> read_prompt() {
    std::string text;
    char piece[4096];
    while (const std::size_t size = std::fread(piece, 1, sizeof piece, stdin)) {
        text.append(piece, size);
        if (text.size() > kMaxPrompt) return fail(config::kBadConfig, "the prompt is longer than 1 MiB");
    }
    while (text.ends_with('\n')) text.pop_back();
    if (text.empty()) return fail(config::kBadConfig, "no prompt: give one as an argument or on standard input");
    return text;
}

json::Value message(std::string_view role, std::string_view content) {
    json::Value out = json::Value::object();
    out.set("role", json::Value::string(role));
    out.set("content", json::Value::string(content));
    return out;
}

std::optional<std::string_view> text_at(const json::Value* object, std::string_view name) {
    const json::Value* value = object == nullptr ? nullptr : object->get(name);
    return value == nullptr ? std::nullopt : value->as_string();
}

}  // namespace

Plaintext chat_body(const ChatOptions& options) {
    json::Value body = json::Value::object();
    body.set("model", json::Value::string(options.model));
    json::Value messages = json::Value::array();
    if (options.system) messages.push(message("system", *options.system));
    messages.push(message("user", options.prompt));
    body.set("messages", std::move(messages));
    body.set("stream", json::Value::boolean(true));
    if (options.max_tokens) body.set("max_tokens", json::Value::integer(*options.max_tokens));
    if (options.temperature)
        if (auto number = json::parse(as_bytes(fmt::format("{}", *options.temperature)))) body.set("temperature", std::move(*number));
    Plaintext out;
    body.write(out);
    return out;
}

struct ChatAnswer::State {
    bool print = true;
    bool streamed = false;
    std::uint16_t status = 0;
    openai::SseReader events;
    Plaintext text;
    Plaintext other;  // an answer that is no stream: the API's error
    std::string finish_reason;

    Result<void> event(ByteView data) {
        if (as_text(data) == "[DONE]") return {};
        OPENPCC_TRY(const auto chunk, json::parse(data));
        const json::Value* choices = chunk.get("choices");
        if (choices == nullptr || !choices->is_array() || choices->elements().empty()) return {};
        const json::Value& choice = choices->elements().front();
        if (const auto reason = text_at(&choice, "finish_reason")) finish_reason = *reason;
        if (const auto piece = text_at(choice.get("delta"), "content")) {
            text.append(as_bytes(*piece));
            if (print) {
                for (std::string_view left = *piece; !left.empty();) {
                    const std::string_view shown = take_printable(left);
                    std::fwrite(shown.data(), 1, shown.size(), stdout);
                }
                std::fflush(stdout);
            }
        }
        return {};
    }
};

ChatAnswer::ChatAnswer(bool print) : state_(std::make_unique<State>()) { state_->print = print; }
ChatAnswer::~ChatAnswer() = default;

Result<void> ChatAnswer::head(const http::ResponseHead& head) {
    state_->status = head.status;
    state_->streamed = http::media_type_is(head.fields.get("content-type"), "text/event-stream");
    return {};
}

Result<void> ChatAnswer::content(ByteView text) {
    if (state_->streamed) return state_->events.update(text, [this](ByteView data) { return state_->event(data); });
    if (state_->other.size() + text.size() > kMaxPrompt) return fail(kRefusedByNode, "the answer is too long");
    state_->other.append(text);
    return {};
}

const Plaintext& ChatAnswer::text() const { return state_->text; }
std::string ChatAnswer::finish_reason() const { return state_->finish_reason; }

std::optional<Error> ChatAnswer::refusal() const {
    if (state_->status == 200) return std::nullopt;
    std::string said = fmt::format("status {}", state_->status);
    const auto body = state_->other.with([](ByteView view) { return json::parse(view); });
    if (body)
        if (const auto text = text_at(body->get("error"), "message")) said = *text;
    return Error(kRefusedByNode, said);
}

std::string summary(const std::vector<client::JudgedNode>& nodes) {
    if (nodes.empty()) return "incomplete: the service has no node ready";
    // The worst node speaks first: it is what a person has to know.
    const auto rank = [](const client::JudgedNode& node) {
        switch (node.verification.verdict.state()) {
            case State::kNotVerified: return 0;
            case State::kIncomplete: return 1;
            case State::kSimulated: return 2;
            case State::kVerifiedWithNotes: return 3;
            case State::kVerified: return 4;
        }
        return 0;
    };
    const auto worst = std::ranges::min_element(nodes, {}, rank);
    const std::string text = verify::render_verdict(worst->verification, verify::Detail::kReasons);
    const auto usable = std::ranges::count_if(nodes, [](const client::JudgedNode& node) {
        return !std::holds_alternative<std::monostate>(node.verification.key);
    });
    return fmt::format("{} ({} of {} nodes may get prompts)", text.substr(0, text.find('\n')), usable, nodes.size());
}

namespace {

int print_json(const std::vector<client::JudgedNode>& nodes, const ChatAnswer& answer, const client::Receipt& receipt) {
    json::Value out = json::Value::object();
    json::Value judged = json::Value::array();
    for (const auto& node : nodes)
        if (auto verdict = json::parse(as_bytes(verify::verdict_to_json(node.verification)))) judged.push(std::move(*verdict));
    out.set("summary", json::Value::string(summary(nodes)));
    out.set("nodes", std::move(judged));
    out.set("answered_by", json::Value::string(receipt.answered_by));
    out.set("answer", answer.text().with([](ByteView view) { return json::Value::string(as_text(view)); }));
    out.set("finish_reason", json::Value::string(answer.finish_reason()));
    fmt::print("{}\n", out.to_text());
    return kOk;
}

net::Task<int> run(client::Session& session, const ChatOptions& options) {
    const auto judged = co_await session.judge_nodes();
    if (!judged) co_return report(judged.error(), options.json);
    const std::vector<client::JudgedNode>& nodes = (*judged)->nodes;
    if (!options.json) {
        fmt::print("{}\n\n", summary(nodes));
        std::fflush(stdout);
    }
    const Plaintext body = chat_body(options);
    ChatAnswer answer(!options.json);
    http::RequestHead head{"POST", "https", "openpcc", "/v1/chat/completions", {{"content-type", "application/json"}}};
    const auto receipt = co_await session.ask(std::move(head), body, answer);
    if (!options.json && !answer.text().empty()) fmt::print("\n");
    if (!receipt) co_return report(receipt.error(), options.json);
    if (const auto refusal = answer.refusal()) co_return report(*refusal, options.json);
    co_return options.json ? print_json(nodes, answer, *receipt) : kOk;
}

}  // namespace

int chat(const ChatOptions& given) {
    ChatOptions options = given;
    if (options.prompt.empty()) {
        auto prompt = read_prompt();
        if (!prompt) return report(prompt.error(), options.json);
        options.prompt = std::move(*prompt);
    }
    auto profile = load_profile(options.choice);
    if (!profile) return report(profile.error(), options.json);
    crypto::SystemRandom random;
    net::Loop loop;
    client::Session session(loop, std::move(*profile), random, wall_clock);
    return loop.run_until_done(run(session, options));
}

}  // namespace openpcc::cli
