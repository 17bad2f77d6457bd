// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/demo.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "apps/openpcc/chat.hpp"
#include "apps/openpcc/demo/attack.hpp"
#include "apps/openpcc/demo/memory.hpp"
#include "apps/openpcc/output.hpp"
#include "crypto/random.hpp"
#include "hops/client/session.hpp"
#include "trust/verify/render.hpp"
#include "wire/json.hpp"

namespace openpcc::demo {

namespace {

using namespace std::chrono_literals;
constexpr auto kReadyTime = 60s;

// Sight is what was found in one role's memory at the moment the answer began.
struct Sight {
    std::string role;
    std::optional<bool> prompt;
};

// Looking passes the answer on, and looks into every process at its first word: the prompt is certainly somewhere then.
class Looking final : public client::AnswerSink {
  public:
    Looking(Stage& stage, std::string prompt, bool print) : stage_(stage), prompt_(std::move(prompt)), answer_(print) {}
    Result<void> head(const http::ResponseHead& head) override { return answer_.head(head); }
    Result<void> content(ByteView text) override {
        if (sights_.empty()) look();
        return answer_.content(text);
    }
    const cli::ChatAnswer& answer() const { return answer_; }
    const std::vector<Sight>& sights() const { return sights_; }

  private:
    void look() {
        sights_.push_back({"client", memory_holds(::getpid(), prompt_)});
        for (const char* name : {"relay", "gateway"})
            sights_.push_back({name, memory_holds(stage_.role(name).process.pid(), prompt_)});
        std::optional<bool> nodes;
        for (Stage::Role& role : stage_.roles()) {
            if (!role.name.starts_with("node")) continue;
            for (const pid_t process : descendants(role.process.pid()))
                if (const auto held = memory_holds(process, prompt_)) nodes = nodes.value_or(false) || *held;
        }
        sights_.push_back({"node and engine", nodes});
    }
    Stage& stage_;
    std::string prompt_;
    cli::ChatAnswer answer_;
    std::vector<Sight> sights_;
};

std::string_view found(const std::vector<Sight>& sights, std::string_view role) {
    for (const Sight& sight : sights)
        if (sight.role == role) return !sight.prompt ? "not looked (needs root)" : *sight.prompt ? "yes" : "no";
    return "not looked";
}

void print_table(Stage& stage, const std::vector<Sight>& sights) {
    const auto row = [](std::string_view role, std::string_view process, std::string_view sees, std::string_view memory) {
        fmt::print("  {:<16} {:<10} {:<52} {}\n", role, process, sees, memory);
    };
    const auto pid = [&](std::string_view name) { return fmt::format("pid {}", stage.role(name).process.pid()); };
    fmt::print("\nwho saw what\n");
    row("role", "process", "sees", "prompt in its memory");
    row("client", fmt::format("pid {}", ::getpid()), "everything of its own", found(sights, "client"));
    row("relay", pid("relay"), "who asks, sizes and times of ciphertext", found(sights, "relay"));
    row("gateway", pid("gateway"), "the candidate nodes, sizes and times of ciphertext", found(sights, "gateway"));
    row("node and engine", pid("node 1"), "the prompt and the answer, not who asks", found(sights, "node and engine"));
}

// The engines take a moment to load; a node is in the directory once its engine answers.
net::Task<Result<std::shared_ptr<const client::Judged>>> wait_for_nodes(client::Session& session, std::size_t wanted) {
    const net::Deadline until = net::after(kReadyTime);
    while (true) {
        auto judged = co_await session.judge_nodes();
        if (!judged || (*judged)->nodes.size() >= wanted) co_return judged;
        if (net::Clock::now() > until) co_return fail(kCannotStart, "the nodes' engines are not ready");
        const net::Deadline next = net::after(200ms);
        OPENPCC_CO_CHECK(co_await net::sleep_until(next));
    }
}

net::Task<int> ask(Stage& stage, client::Session& session, const DemoOptions& options) {
    const auto judged = co_await wait_for_nodes(session, options.stage.nodes);
    if (!judged) co_return cli::report(judged.error(), options.json);
    const std::vector<client::JudgedNode>& nodes = (*judged)->nodes;
    if (!options.json) {
        fmt::print("\nwhat was checked, for each of {} nodes\n{}\n{}\n\n> {}\n", nodes.size(),
                   verify::render_verdict(nodes.front().verification, verify::Detail::kChecks),
                   cli::summary(nodes), options.prompt);
        std::fflush(stdout);
    }
    cli::ChatOptions chat;
    chat.prompt = options.prompt;
    chat.temperature = 0.0;
    const Plaintext body = cli::chat_body(chat);
    Looking looking(stage, options.prompt, !options.json);
    http::RequestHead head{"POST", "https", "openpcc", "/v1/chat/completions", {{"content-type", "application/json"}}};
    const auto receipt = co_await session.ask(std::move(head), body, looking);
    if (!receipt) co_return cli::report(receipt.error(), options.json);
    if (const auto refusal = looking.answer().refusal()) co_return cli::report(*refusal, options.json);
    if (options.json) {
        json::Value out = json::Value::object();
        out.set("summary", json::Value::string(cli::summary(nodes)));
        out.set("answered_by", json::Value::string(receipt->answered_by));
        out.set("answer", looking.answer().text().with([](ByteView view) { return json::Value::string(as_text(view)); }));
        json::Value& seen = out.set("prompt_in_memory", json::Value::object());
        for (const Sight& sight : looking.sights())
            seen.set(sight.role, sight.prompt ? json::Value::boolean(*sight.prompt) : json::Value());
        fmt::print("{}\n", out.to_text());
    } else {
        fmt::print("\n\nanswered and sealed by node {}\n", receipt->answered_by.substr(0, 16));
        print_table(stage, looking.sights());
    }
    // The table is a claim: it must hold.
    for (const Sight& sight : looking.sights())
        if ((sight.role == "relay" || sight.role == "gateway") && sight.prompt.value_or(false)) co_return cli::kInternal;
    co_return cli::kOk;
}

void hold(Stage& stage) {
    fmt::print("\neverything runs until you press Ctrl-C\n  openpcc chat --config {} \"Hello\"\n", stage.client_config());
    std::fflush(stdout);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    int signal = 0;
    sigwait(&set, &signal);
}

}  // namespace

int run(const DemoOptions& options) {
    // Held until the stage is down, so that Ctrl-C stops every process in order.
    sigset_t set;
    sigemptyset(&set);
    if (options.hold) {
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, nullptr);
    }
    const auto stage = Stage::start(options.stage, [&](std::string_view step) {
        if (options.json) return;
        fmt::print("demo: {}\n", step);
        std::fflush(stdout);
    });
    if (!stage) return cli::report(stage.error(), options.json);
    int code = cli::kOk;
    {
        crypto::SystemRandom random;
        net::Loop loop;
        client::Session session(loop, (*stage)->profile(), random, cli::wall_clock);
        code = loop.run_until_done(ask(**stage, session, options));
    }
    if (code == cli::kOk && options.attack) code = attack(**stage, options.json);
    if (code == cli::kOk && options.hold) hold(**stage);
    if (!options.json) fmt::print("\ndemo: stopping everything\n");
    return code;
}

}  // namespace openpcc::demo
