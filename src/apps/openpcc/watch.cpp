// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/watch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "apps/openpcc/cards.hpp"
#include "apps/openpcc/output.hpp"
#include "crypto/random.hpp"
#include "hops/client/errors.hpp"
#include "hops/client/session.hpp"
#include "trust/verify/render.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

using namespace std::chrono_literals;

// The other screen of a terminal: what was there before comes back at the end.
constexpr std::string_view kOtherScreen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kBack = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H\x1b[2J";

class Screen {
  public:
    explicit Screen(bool json)
        : terminal_(!json && ::isatty(STDOUT_FILENO) == 1), ink_{terminal_ && std::getenv("NO_COLOR") == nullptr} {
        if (terminal_) put(kOtherScreen);
    }
    ~Screen() {
        if (terminal_) put(kBack);
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    bool terminal() const { return terminal_; }
    const Ink& ink() const { return ink_; }
    void draw(const std::string& text) { put(std::string(kHome) + text + "\nCtrl-C ends this\n"); }
    static void put(std::string_view text) {
        fmt::print("{}", text);
        std::fflush(stdout);
    }

  private:
    bool terminal_;
    Ink ink_;
};

class Watching {
  public:
    Watching(net::Loop& loop, client::Profile profile, Random& random, const WatchOptions& options)
        : around_{profile.relay.to_text(), {}},
          session_(loop, std::move(profile), random, wall_clock),
          options_(options),
          screen_(options.json) {}

    net::Task<void> run(net::Loop& loop) {
        for (std::int64_t round = 1;; ++round) {
            const auto judged = co_await session_.judge_nodes();
            take(judged);
            if (options_.times && round >= *options_.times) break;
            const net::Deadline next = net::after(std::chrono::seconds(options_.every));
            while (net::Clock::now() < next) {
                if (screen_.terminal()) screen_.draw(shown());
                const net::Deadline soon = std::min(next, net::after(1s));
                if (!co_await net::sleep_until(soon)) co_return;
            }
        }
        loop.stop();
    }
    ExitCode code() const { return code_; }

  private:
    using Judged = Result<std::shared_ptr<const client::Judged>>;

    void take(const Judged& judged) {
        error_.reset();
        std::string what;
        if (!judged) {
            error_ = judged.error();
            code_ = exit_code(judged.error());
            what = judged.error().describe();
        } else {
            code_ = (*judged)->nodes.empty() ? kIncomplete : kOk;
            for (const client::JudgedNode& node : (*judged)->nodes) {
                const State state = node.verification.verdict.state();
                code_ = worse(code_, exit_code(state));
                what +=
                    fmt::format("{}{} {}", what.empty() ? "" : ", ", node.statement.substr(0, 12), to_string(state));
            }
            if (what.empty()) what = "no node is ready";
        }
        if (around_.history.empty() || around_.history.back().what != what)
            around_.history.push_back({wall_clock(), what});
        if (options_.json) return print_json(judged);
        if (!screen_.terminal()) Screen::put(line(judged) + "\n");
    }

    // An error is shown above what was last known, and that grows old by itself.
    std::string shown() const {
        std::string out;
        if (error_) {
            out += screen_.ink()(State::kIncomplete, "CANNOT BE CHECKED NOW") + ": " + error_->describe() + "\n";
            if (const auto hint = hint_for(*error_); !hint.empty()) out += "  -> " + std::string(hint) + "\n";
        }
        const auto last = session_.judged();
        return last == nullptr ? out : out + cards(*last, around_, wall_clock(), screen_.ink());
    }

    std::string line(const Judged& judged) const {
        const std::string now = to_rfc3339(wall_clock());
        if (!judged) return now + " CANNOT BE CHECKED NOW: " + judged.error().describe();
        return now + " " + headline(**judged, wall_clock(), screen_.ink());
    }

    void print_json(const Judged& judged) const {
        auto out = json::Value::object();
        out.set("at", json::Value::string(to_rfc3339(wall_clock())));
        out.set("exit_code", json::Value::integer(code_));
        if (!judged) {
            out.set("error", json::Value::string(judged.error().name()));
            out.set("message", json::Value::string(judged.error().text()));
        } else {
            auto& nodes = out.set("nodes", json::Value::array());
            for (const client::JudgedNode& node : (*judged)->nodes)
                if (auto verdict = json::parse(as_bytes(verify::verdict_to_json(node.verification))))
                    nodes.push(std::move(*verdict));
        }
        Screen::put(out.to_text() + "\n");
    }

    Surroundings around_;
    client::Session session_;
    const WatchOptions& options_;
    Screen screen_;
    std::optional<Error> error_;
    ExitCode code_ = kIncomplete;
};

}  // namespace

void add_watch(CLI::App& app, WatchOptions& options) {
    CLI::App* watch = app.add_subcommand("watch", "Verify again and again, and show who can read prompts, live");
    add_service_choice(*watch, options.choice);
    watch->add_option("--every", options.every, "Seconds between verifications")
        ->capture_default_str()
        ->check(CLI::Range(1, 86400));
    watch->add_option("--times", options.times, "How many; until it is stopped when absent")
        ->check(CLI::Range(1, 1 << 30));
    watch->add_flag("--json", options.json, "One object for each verification, one a line");
}

int watch(const WatchOptions& options) {
    auto profile = load_profile(options.choice);
    if (!profile) return report(profile.error(), options.json);
    crypto::SystemRandom random;
    net::Loop loop;
    Watching watching(loop, std::move(*profile), random, options);
    loop.on_signal([&] { loop.stop(); });
    loop.spawn(watching.run(loop));
    loop.run();
    return watching.code();
}

}  // namespace openpcc::cli
