// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/doctor.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/timex.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "apps/openpcc/output.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "hops/client/errors.hpp"
#include "hops/client/session.hpp"
#include "io/net/connect.hpp"
#include "io/net/errors.hpp"
#include "io/net/resolve.hpp"
#include "trust/verify/render.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kStepTime = 10s;

enum class Outcome { kOk, kWarning, kFailed, kNotRun };

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::kOk:
            return "ok";
        case Outcome::kWarning:
            return "warning";
        case Outcome::kFailed:
            return "failed";
        case Outcome::kNotRun:
            return "not run";
    }
    return "failed";
}

// The steps, in the order in which a request meets what they look at.
constexpr std::array<std::string_view, 8> kSteps{"clock",        "service",   "name",     "connection",
                                                 "gateway keys", "directory", "evidence", "answer"};

// Walk takes down what each step has found, in order, and prints it at once.
class Walk {
  public:
    explicit Walk(bool json) : json_(json) {}

    void ok(std::string_view step, const std::string& text) { add(step, Outcome::kOk, text, ""); }
    void warn(std::string_view step, const std::string& text, std::string_view remedy) {
        add(step, Outcome::kWarning, text, remedy);
    }
    void fail(std::string_view step, const std::string& text, std::string_view remedy, ExitCode code) {
        add(step, Outcome::kFailed, text, remedy);
        code_ = worse(code_, code);
    }
    void fail(std::string_view step, const Error& error) {
        fail(step, error.describe(), hint_for(error), exit_code(error));
    }
    void simulated() { code_ = worse(code_, kSimulated); }

    // end says of every step that was not reached that it was not run: what was not looked at is not well.
    ExitCode end() {
        for (const std::string_view step : kSteps)
            if (std::ranges::find(done_, step) == done_.end()) add(step, Outcome::kNotRun, "", "");
        if (json_) {
            auto out = json::Value::object();
            out.set("exit_code", json::Value::integer(code_));
            out.set("steps", std::move(steps_));
            fmt::print("{}\n", out.to_text());
        }
        return code_;
    }

  private:
    void add(std::string_view step, Outcome outcome, const std::string& text, std::string_view remedy) {
        done_.push_back(step);
        if (!json_) {
            fmt::print("{:8} {:13} {}\n", to_string(outcome), step, text);
            if (!remedy.empty()) fmt::print("{:8} {:13} -> {}\n", "", "", remedy);
            std::fflush(stdout);
            return;
        }
        auto& one = steps_.push(json::Value::object());
        one.set("step", json::Value::string(step));
        one.set("outcome", json::Value::string(to_string(outcome)));
        one.set("text", json::Value::string(text));
        one.set("remedy", json::Value::string(remedy));
    }

    bool json_;
    ExitCode code_ = kOk;
    std::vector<std::string_view> done_;
    json::Value steps_ = json::Value::array();
};

void look_at_clock(Walk& walk) {
    timex state{};
    const int mode = ::adjtimex(&state);
    const std::string now = to_rfc3339(wall_clock());
    if (mode == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        return walk.warn("clock", now + ", and nothing keeps it right",
                         "install a time service (chrony, systemd-timesyncd): evidence is judged by this clock");
    walk.ok("clock", now + ", kept by a time service");
}

std::string text_of(const net::Address& address) {
    std::array<char, INET6_ADDRSTRLEN> out{};
    const void* at = address.get()->sa_family == AF_INET
                         ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address.get())->sin_addr)
                         : &reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr;
    return ::inet_ntop(address.get()->sa_family, at, out.data(), out.size()) != nullptr ? out.data() : "an address";
}

net::Task<bool> reach_relay(Walk& walk, net::Loop& loop, const client::Profile& profile) {
    const net::Endpoint& relay = profile.relay;
    const net::Deadline until = net::after(kStepTime);
    if (relay.kind == net::Endpoint::Kind::kUnix) {
        walk.ok("name", "a UNIX socket needs none");
    } else {
        const auto addresses = co_await net::resolve(loop, relay, until);
        if (!addresses) {
            walk.fail("name", relay.host + " cannot be resolved: " + addresses.error().describe(),
                      "is the network up, and the relay's name right? (getent hosts NAME)", kUnreachable);
            co_return false;
        }
        std::string listed;
        for (const net::Address& address : *addresses) listed += (listed.empty() ? "" : ", ") + text_of(address);
        walk.ok("name", relay.host + " is " + listed);
    }
    const auto stream = co_await net::connect(loop, relay, profile.tls, until);
    if (!stream) {
        const bool tls = stream.error() == net::kTls;
        walk.fail("connection", relay.to_text() + ": " + stream.error().describe(),
                  tls ? "the relay's certificate is not good here: is the name right, the clock, `relay_roots`?"
                      : hint_for(stream.error()),
                  exit_code(stream.error()));
        co_return false;
    }
    const bool secured = relay.kind == net::Endpoint::Kind::kTls;
    walk.ok("connection", relay.to_text() + (secured ? ", TLS 1.3, the name is right" : ""));
    co_return true;
}

// Which step an error of the way to the nodes belongs to; all before it went well.
std::string_view step_of(const Error& error) {
    // The directory names the collateral, and is nothing without.
    const ErrorCode codes[] = {client::kGatewayRefused, client::kBadDirectory, client::kBadCollateral};
    return std::ranges::any_of(codes, [&](const ErrorCode& code) { return error == code; }) ? "directory"
                                                                                            : "gateway keys";
}

void keys_are_well(Walk& walk) { walk.ok("gateway keys", "signed by the service, and in their time"); }

bool look_at_nodes(Walk& walk, const client::Judged& judged) {
    keys_are_well(walk);
    if (judged.nodes.empty()) {
        walk.fail("directory", Error(client::kNoNode, "the service has no node ready"));
        return false;
    }
    walk.ok("directory", fmt::format("{} node{}", judged.nodes.size(), judged.nodes.size() == 1 ? "" : "s"));
    std::size_t usable = 0;
    for (const client::JudgedNode& node : judged.nodes)
        usable += std::holds_alternative<std::monostate>(node.verification.key) ? 0 : 1;
    for (const client::JudgedNode& node : judged.nodes) {
        const std::string text = verify::render_verdict(node.verification, verify::Detail::kReasons);
        const std::string line = fmt::format("{}: {}", node.statement.substr(0, 12), text.substr(0, text.find('\n')));
        const State state = node.verification.verdict.state();
        if (state == State::kSimulated) walk.simulated();
        if (!std::holds_alternative<std::monostate>(node.verification.key))
            walk.ok("evidence", line);
        else if (usable > 0)
            walk.warn("evidence", line, "other nodes may be asked; `openpcc verify` says more");
        else
            walk.fail("evidence", line, "`openpcc verify` says which check, why, and what to do", exit_code(state));
    }
    return usable > 0;
}

class Models final : public client::AnswerSink {
  public:
    Result<void> head(const http::ResponseHead& head) override {
        status = head.status;
        return {};
    }
    Result<void> content(ByteView text) override {
        list.append(text);
        return {};
    }
    std::uint16_t status = 0;
    Plaintext list;
};

net::Task<void> look_at_answer(Walk& walk, client::Session& session) {
    Models models;
    http::RequestHead head{"GET", "https", "openpcc", "/v1/models", {}};
    const Plaintext nothing;
    const auto receipt = co_await session.ask(std::move(head), nothing, models);
    if (!receipt) {
        walk.fail("answer", receipt.error());
        co_return;
    }
    const auto parsed = models.list.with([](ByteView text) { return json::parse(text); });
    const json::Value* data = parsed ? parsed->get("data") : nullptr;
    if (models.status != 200 || data == nullptr || !data->is_array()) {
        walk.fail("answer", fmt::format("status {} to a sealed request for the models", models.status),
                  "the node is there and its engine is not: ask the service's operator", kRefused);
        co_return;
    }
    std::string names;
    for (const json::Value& one : data->elements()) {
        const json::Value* id = one.get("id");
        std::string_view name = id != nullptr ? id->as_string().value_or("") : "";
        while (!name.empty() && names.size() < 200) names += take_printable(name);
        names += ' ';
    }
    walk.ok("answer", fmt::format("sealed, from node {}; models: {}", receipt->answered_by.substr(0, 12), names));
}

net::Task<void> walk_the_way(Walk& walk, net::Loop& loop, client::Profile profile) {
    if (!co_await reach_relay(walk, loop, profile)) co_return;
    crypto::SystemRandom random;
    client::Session session(loop, std::move(profile), random, wall_clock);
    const auto judged = co_await session.judge_nodes();
    if (!judged) {
        const std::string_view step = step_of(judged.error());
        if (step != "gateway keys") keys_are_well(walk);
        walk.fail(step, judged.error());
        co_return;
    }
    if (look_at_nodes(walk, **judged)) co_await look_at_answer(walk, session);
}

}  // namespace

void add_doctor(CLI::App& app, DoctorOptions& options) {
    CLI::App* doctor = app.add_subcommand("doctor", "Walk the way of a request, and say what is wrong and what to do");
    add_service_choice(*doctor, options.choice);
    doctor->add_flag("--json", options.json, "One JSON object");
}

int doctor(const DoctorOptions& options) {
    Walk walk(options.json);
    look_at_clock(walk);
    auto profile = load_profile(options.choice);
    if (!profile) {
        walk.fail("service", profile.error());
        return walk.end();
    }
    walk.ok("service", fmt::format("relay {}, policy {}, until {}", profile->relay.to_text(), profile->policy.name,
                                   to_rfc3339(profile->policy.expires)));
    net::Loop loop;
    loop.run_until_done(walk_the_way(walk, loop, std::move(*profile)));
    return walk.end();
}

}  // namespace openpcc::cli
