// SPDX-License-Identifier: Apache-2.0
// What the path costs above the engine alone. All ways are asked in turn within one run, each round in another order;
// the figures are medians over rounds with 95 % intervals (bootstrap), and CPU time of each process.
//
//   path_bench keys FOLDER            keys for a stage
//   path_bench policy DESCRIPTION OUT a policy that accepts what `noded --describe` has said
//   path_bench run OPTION...
//     --engine SOCKET                 the engine alone (UNIX socket)
//     --path NAME=CLIENT_TOML         a path; several may be given
//     --process NAME=PID[,PID...]     whose CPU time is read; `client` is this process
//     --shape NAME,PROMPT_BYTES,TOKENS,GAP_US,STREAMS,REPEAT
//     --rounds N   --prompt TEXT   --bytes   --json FILE
// tools/bench starts everything and calls it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>

#include "crypto/hpke/hpke.hpp"
#include "path_setup.hpp"
#include "path_stats.hpp"
#include "path_tap.hpp"
#include "path_ways.hpp"

namespace openpcc::bench {
namespace {

struct Options {
    std::string engine, prompt = "Count to one hundred.", json;
    std::vector<std::pair<std::string, std::string>> paths;
    std::vector<Process> processes{{"client", {::getpid()}}};
    std::vector<Shape> shapes;
    int rounds = 20;
    bool bytes = false;
};

// One shape by one way: everything per round.
struct Series {
    std::vector<Numbers> first, delays, total;
    std::map<std::string, Numbers> cpu;  // microseconds a request, the idle rate taken off
    std::size_t requests = 0, failed = 0, events = 0, tokens = 0;
};

[[noreturn]] void stop(std::string_view why) {
    fmt::print(stderr, "path_bench: error: {}\n", why);
    std::exit(1);
}

Numbers pooled(const std::vector<Numbers>& rounds, const std::vector<std::size_t>& drawn) {
    Numbers out;
    for (const std::size_t index : drawn) out.insert(out.end(), rounds[index].begin(), rounds[index].end());
    return out;
}
Interval quantile_of(const std::vector<Numbers>& rounds, double share) {
    return bootstrap(rounds.size(), [&](const auto& drawn) { return quantile(pooled(rounds, drawn), share); });
}
Interval added(const std::vector<Numbers>& path, const std::vector<Numbers>& engine, double share) {
    return bootstrap(path.size(), [&](const auto& drawn) {
        return quantile(pooled(path, drawn), share) - quantile(pooled(engine, drawn), share);
    });
}
Interval ratio(const std::vector<Numbers>& path, const std::vector<Numbers>& engine) {
    Numbers values;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (!path[i].empty() && !engine[i].empty()) values.push_back(quantile(path[i], 0.5) / quantile(engine[i], 0.5));
    return median_of(values);
}

class Bench {
  public:
    explicit Bench(Options options) : options_(std::move(options)) {}

    int run() {
        make_ways();
        loop_.run_until_done(everything());
        print();
        if (!options_.json.empty()) std::ofstream(options_.json) << json();
        return failed_ == 0 ? 0 : 2;
    }

  private:
    struct Named {
        std::string name;
        std::unique_ptr<Way> way;
    };
    struct Bodies {
        Plaintext caller;
        Bytes engine;
    };

    void make_ways() {
        const auto engine = net::Endpoint::parse("unix:" + options_.engine);
        if (!engine || options_.paths.empty()) stop("--engine and --path are needed");
        engine_ = *engine;
        ways_.push_back({"engine", engine_way(loop_, *engine)});
        for (const auto& [name, file] : options_.paths) {
            auto way = path_way(loop_, file, random_);
            if (!way) stop(way.error().describe());
            ways_.push_back({name, std::move(*way)});
        }
        for (const Shape& shape : options_.shapes) {
            Plaintext caller = caller_body(shape, options_.prompt);
            Bytes engine_says = engine_body(caller, random_);
            if (engine_says.empty()) stop("the node would refuse this request: " + shape.name);
            bodies_.push_back({std::move(caller), std::move(engine_says)});
            series_.emplace_back(ways_.size());
        }
    }

    net::Task<void> everything() {
        for (auto& [name, way] : ways_)
            if (const auto ready = co_await way->prepare(); !ready) stop(name + ": " + ready.error().describe());
        co_await measure_idle();
        for (int round = -1; round < options_.rounds; ++round) {  // the first one warms up
            for (std::size_t shape = 0; shape < options_.shapes.size(); ++shape)
                for (std::size_t i = 0; i < ways_.size(); ++i)
                    co_await one_round(shape, (i + static_cast<std::size_t>(round + 1)) % ways_.size(), round >= 0);
            if (round >= 0) hpke_.push_back(raw_hpke_us());
        }
        if (options_.bytes) co_await count_bytes();
    }

    net::Task<void> measure_idle() {
        constexpr auto kTime = std::chrono::seconds(2);
        Numbers before;
        for (const Process& process : options_.processes) before.push_back(process.cpu_us());
        const double begun = now_us();
        (void)co_await net::sleep_until(net::after(kTime));
        for (std::size_t i = 0; i < before.size(); ++i)
            idle_.push_back((options_.processes[i].cpu_us() - before[i]) / (now_us() - begun));
    }

    // raw_hpke_us is the denominator of P1: set up, seal 2 KiB, set up, open.
    double raw_hpke_us() {
        static const hpke::Suite suite{hpke::Kem::kX25519, hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm};
        static const auto key = *hpke::PrivateKey::generate(suite.kem, random_);
        static const Bytes message(2048);
        Numbers times;
        for (int i = 0; i < 15; ++i) {
            const double begun = now_us();
            auto sender = hpke::setup_sender(suite, key.public_key(), {}, random_);
            const auto sealed = sender->context.seal({}, message);
            auto receiver = hpke::setup_receiver(suite, key, sender->enc, {});
            if (!receiver->open({}, *sealed)) stop("HPKE");
            times.push_back(now_us() - begun);
        }
        return quantile(std::move(times), 0.5);
    }

    net::Task<void> stream(Way& way, std::size_t shape, std::vector<Answer>& answers, std::size_t& failed) {
        for (int i = 0; i < options_.shapes[shape].repeat; ++i) {
            auto answer = co_await way.ask(bodies_[shape].caller, bodies_[shape].engine);
            if (answer && answer->tokens > 0) {
                answers.push_back(std::move(*answer));
            } else {
                if (failed_ + failed < 5)
                    fmt::print(stderr, "path_bench: {}\n", answer ? "no token" : answer.error().describe());
                ++failed;
            }
        }
    }

    net::Task<void> one_round(std::size_t shape, std::size_t way, bool counts) {
        Series& series = series_[shape][way];
        std::vector<Answer> answers;
        std::size_t failed = 0;
        Numbers before;
        for (const Process& process : options_.processes) before.push_back(process.cpu_us());
        const double begun = now_us();
        std::vector<std::unique_ptr<net::Child>> children;
        for (int i = 0; i < options_.shapes[shape].streams; ++i)
            children.push_back(net::spawn_child(loop_, stream(*ways_[way].way, shape, answers, failed)));
        for (const auto& child : children) co_await child->done();
        // The far ends finish what the last byte has left them to do.
        (void)co_await net::sleep_until(net::after(std::chrono::milliseconds(2)));
        const double wall = now_us() - begun;
        if (!counts) co_return;
        failed_ += failed;
        series.failed += failed;
        series.requests += answers.size();
        const double requests = std::max<double>(1, static_cast<double>(answers.size() + failed));
        for (std::size_t i = 0; i < before.size(); ++i) {
            const double spent = options_.processes[i].cpu_us() - before[i] - idle_[i] * wall;
            series.cpu[options_.processes[i].name].push_back(spent / requests);
        }
        Numbers& first = series.first.emplace_back();
        Numbers& delays = series.delays.emplace_back();
        Numbers& total = series.total.emplace_back();
        for (Answer& answer : answers) {
            first.push_back(answer.first_us);
            total.push_back(answer.total_us);
            // The first token's delay is part of the time to it.
            if (answer.delays.size() > 1) delays.insert(delays.end(), answer.delays.begin() + 1, answer.delays.end());
            series.events += answer.events;
            series.tokens += answer.tokens;
        }
    }

    struct Counted {
        std::string shape, way;
        std::uint64_t up, down;
    };
    net::Task<void> count_bytes() {
        for (std::size_t shape = 0; shape < options_.shapes.size(); ++shape) {
            for (std::size_t i = 0; i <= options_.paths.size(); ++i) {
                const bool direct = i == 0;
                Tap tap(direct ? engine_ : relay_of(options_.paths[i - 1].second));
                auto made = direct ? engine_way(loop_, tap.endpoint())
                                   : std::move(*path_way(loop_, options_.paths[i - 1].second, random_, tap.endpoint()));
                if (const auto ready = co_await made->prepare(); !ready) stop(ready.error().describe());
                // The first request may bring the keys.
                (void)co_await made->ask(bodies_[shape].caller, bodies_[shape].engine);
                const auto up = tap.up();
                const auto down = tap.down();
                if (const auto asked = co_await made->ask(bodies_[shape].caller, bodies_[shape].engine); !asked)
                    stop(asked.error().describe());
                counted_.push_back({options_.shapes[shape].name, ways_[i].name, tap.up() - up, tap.down() - down});
            }
        }
    }

    void print() const {
        fmt::print("raw HPKE, both ends, 2 KiB: {} us\n", median_of(hpke_).to_text(1));
        for (std::size_t s = 0; s < options_.shapes.size(); ++s) {
            const Shape& shape = options_.shapes[s];
            fmt::print("\n{}: prompt {} B, {} tokens, gap {} us, {} streams\n", shape.name, shape.prompt_bytes,
                       shape.tokens, shape.gap_us, shape.streams);
            const Series& engine = series_[s][0];
            for (std::size_t w = 0; w < ways_.size(); ++w) {
                const Series& way = series_[s][w];
                fmt::print("  {:<10} TTFT p50 {} p95 {} us", ways_[w].name, quantile_of(way.first, 0.5).to_text(0),
                           quantile_of(way.first, 0.95).to_text(0));
                if (w > 0)
                    fmt::print("; added p50 {} p95 {}; ratio {}", added(way.first, engine.first, 0.5).to_text(0),
                               added(way.first, engine.first, 0.95).to_text(0),
                               ratio(way.first, engine.first).to_text(3));
                if (way.failed > 0) fmt::print("; {} of {} FAILED", way.failed, way.requests + way.failed);
                if (shape.tokens > 1 && w > 0)
                    fmt::print("\n             token delay added p50 {} p95 {} us; total ratio {}",
                               added(way.delays, engine.delays, 0.5).to_text(0),
                               added(way.delays, engine.delays, 0.95).to_text(0),
                               ratio(way.total, engine.total).to_text(4));
                fmt::print("\n             CPU us/request");
                for (const Process& process : options_.processes)
                    fmt::print("  {} {}", process.name, median_of(way.cpu.at(process.name)).to_text(0));
                fmt::print("\n");
            }
        }
        for (const Counted& one : counted_)
            fmt::print("bytes {:<12} {:<10} up {} down {}\n", one.shape, one.way, one.up, one.down);
    }

    std::string json() const {
        std::string out = fmt::format("{{\"rounds\":{},\"hpke_us\":{},\n\"idle_cpu_share\":{{", options_.rounds,
                                      median_of(hpke_).to_json());
        for (std::size_t i = 0; i < idle_.size(); ++i)
            out += fmt::format("{}\"{}\":{:.3g}", i == 0 ? "" : ",", options_.processes[i].name, idle_[i]);
        out += "},\n\"bytes\":[";
        for (std::size_t i = 0; i < counted_.size(); ++i)
            out += fmt::format("{}{{\"shape\":\"{}\",\"way\":\"{}\",\"up\":{},\"down\":{}}}", i == 0 ? "" : ",",
                               counted_[i].shape, counted_[i].way, counted_[i].up, counted_[i].down);
        out += "],\n\"shapes\":[";
        for (std::size_t s = 0; s < options_.shapes.size(); ++s) out += (s == 0 ? "\n" : ",\n") + json_of(s);
        return out + "]}\n";
    }

    std::string json_of(std::size_t s) const {
        const Shape& shape = options_.shapes[s];
        std::string out = fmt::format(
            "{{\"name\":\"{}\",\"prompt_bytes\":{},\"tokens\":{},\"gap_us\":{},\"streams\":{},\"repeat\":{},\"ways\":{"
            "{",
            shape.name, shape.prompt_bytes, shape.tokens, shape.gap_us, shape.streams, shape.repeat);
        const Series& engine = series_[s][0];
        for (std::size_t w = 0; w < ways_.size(); ++w) {
            const Series& way = series_[s][w];
            const double requests = std::max<double>(1, static_cast<double>(way.requests));
            out += fmt::format("{}\n \"{}\":{{\"requests\":{},\"failed\":{},\"events\":{:.1f},\"tokens\":{:.1f}",
                               w == 0 ? "" : ",", ways_[w].name, way.requests, way.failed,
                               static_cast<double>(way.events) / requests, static_cast<double>(way.tokens) / requests);
            for (const auto& [key, share] : {std::pair{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}}) {
                out += fmt::format(
                    ",\"ttft_{0}\":{1},\"delay_{0}\":{2},\"added_ttft_{0}\":{3},\"added_delay_{0}\":{4}", key,
                    quantile_of(way.first, share).to_json(), quantile_of(way.delays, share).to_json(),
                    added(way.first, engine.first, share).to_json(), added(way.delays, engine.delays, share).to_json());
            }
            out += fmt::format(",\"ttft_ratio\":{},\"total_ratio\":{},\n  \"cpu\":{{",
                               ratio(way.first, engine.first).to_json(), ratio(way.total, engine.total).to_json());
            bool next = false;
            for (const auto& [name, rounds] : way.cpu) {
                out += fmt::format("{}\"{}\":[", std::exchange(next, true) ? "," : "", name);
                for (std::size_t i = 0; i < rounds.size(); ++i)
                    out += fmt::format("{}{:.1f}", i == 0 ? "" : ",", rounds[i]);
                out += "]";
            }
            out += "}}";
        }
        return out + "}}";
    }

    Options options_;
    crypto::SystemRandom random_;
    net::Loop loop_;
    net::Endpoint engine_;
    std::vector<Named> ways_;
    std::vector<Bodies> bodies_;
    std::vector<std::vector<Series>> series_;  // by shape, by way
    Numbers idle_, hpke_;
    std::vector<Counted> counted_;
    std::size_t failed_ = 0;
};

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> out{""};
    for (const char c : text) {
        if (c == at)
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

int number(const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) stop("not a number: " + text);
    return value;
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 2; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--bytes") {
            options.bytes = true;
            continue;
        }
        if (i + 1 == argc) stop(fmt::format("{}: a value is missing", name));
        const std::string value = argv[++i];
        const std::size_t equals = std::min(value.find('='), value.size());
        const std::string left = value.substr(0, equals);
        const std::string right = equals == value.size() ? "" : value.substr(equals + 1);
        if (name == "--engine") {
            options.engine = value;
        } else if (name == "--path") {
            options.paths.emplace_back(left, right);
        } else if (name == "--process") {
            Process process{left, {}};
            for (const std::string& id : split(right, ',')) process.ids.push_back(number(id));
            options.processes.push_back(std::move(process));
        } else if (name == "--shape") {
            const auto parts = split(value, ',');
            if (parts.size() != 6) stop("--shape NAME,PROMPT_BYTES,TOKENS,GAP_US,STREAMS,REPEAT");
            options.shapes.push_back({parts[0], static_cast<std::size_t>(number(parts[1])), number(parts[2]),
                                      number(parts[3]), number(parts[4]), number(parts[5])});
        } else if (name == "--rounds") {
            options.rounds = number(value);
        } else if (name == "--prompt") {
            options.prompt = value;
        } else if (name == "--json") {
            options.json = value;
        } else {
            stop(fmt::format("unknown option {}", name));
        }
    }
    return options;
}

int done(const Result<void>& result) {
    if (!result) stop(result.error().describe());
    return 0;
}

}  // namespace
}  // namespace openpcc::bench

int main(int argc, char** argv) {
    using namespace openpcc::bench;
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (verb == "keys" && argc == 3) return done(write_keys(argv[2]));
    if (verb == "policy" && argc == 4) return done(write_policy(argv[2], argv[3]));
    if (verb == "run") return Bench(parse(argc, argv)).run();
    stop("usage: path_bench keys FOLDER | policy DESCRIPTION OUT | run OPTION...");
}
