// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_under_test.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "crypto/random.hpp"

namespace openpcc::testing {

namespace {

std::unique_ptr<EngineUnderTest> g_shared;
std::optional<EngineProfile> g_profile;
std::string g_model_directory;  // made for this run

// The first line that a script of the tree prints, when it ends well.
std::optional<std::string> line_of(const std::string& command) {
    FILE* pipe = ::popen((std::string(OPENPCC_SOURCE_DIR "/") + command).c_str(), "r");
    if (pipe == nullptr) return std::nullopt;
    std::array<char, 4096> buffer{};
    const bool any = std::fgets(buffer.data(), buffer.size(), pipe) != nullptr;
    if (::pclose(pipe) != 0 || !any) return std::nullopt;
    std::string out(buffer.data());
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string new_directory() {
    char name[] = "/tmp/openpcc-engine-XXXXXX";
    return ::mkdtemp(name);
}

pid_t child_of(pid_t parent) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
        const std::string status = file_text(entry.path() / "status");
        const std::size_t at = status.find("PPid:");
        if (at == std::string::npos || std::strtol(status.c_str() + at + 5, nullptr, 10) != parent) continue;
        return static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
    }
    return 0;
}

}  // namespace

std::optional<EngineProfile> profile_under_test() {
    const char* named = std::getenv("OPENPCC_TEST_ENGINE");
    EngineProfile profile;
    profile.kind = named != nullptr ? named : "llama-server";
    const bool vllm = profile.kind == "vllm";
    const std::string script = vllm ? "tools/engine/vllm/install" : "tools/engine/fetch";
    const auto root = line_of(script + " --print-root 2>/dev/null");
    if (!root) {
        std::fprintf(stderr,
                     "SKIPPED: %s is not on this machine: nothing of the engine has been tested\nhint: run: %s\n",
                     profile.kind.c_str(), script.c_str());
        return std::nullopt;
    }
    profile.root = *root;
    profile.model_path = OPENPCC_SOURCE_DIR "/models/demo/demo.gguf";
    if (vllm) {
        profile.model_path = g_model_directory = new_directory();
        (void)line_of("models/demo/to_safetensors.py " + profile.model_path);
    }
    profile.model_name = "demo";
    profile.limits.max_tokens = 1800;
    profile.context_tokens = 2048;
    g_profile = profile;
    return profile;
}

EngineUnderTest::EngineUnderTest(EngineProfile profile) : profile_(std::move(profile)), directory_(new_directory()) {
    const auto begun = net::Clock::now();
    auto started = Engine::start(loop_, profile_, directory_);
    if (!started) {
        std::fprintf(stderr, "the engine does not start: %s\n", started.error().describe().c_str());
        std::exit(1);
    }
    engine_ = std::move(*started);
    const auto ready = loop_.run_until_done(engine_->ready(net::after(std::chrono::minutes(5))));
    if (!ready) {
        std::fprintf(stderr, "the engine does not get ready: %s\n", ready.error().describe().c_str());
        std::exit(1);
    }
    time_to_ready_ = net::Clock::now() - begun;
}

EngineUnderTest::~EngineUnderTest() {
    engine_.reset();
    std::filesystem::remove_all(directory_);
}

EngineProfile EngineUnderTest::profile() { return *g_profile; }

EngineUnderTest& EngineUnderTest::shared() {
    if (!g_shared) g_shared = std::make_unique<EngineUnderTest>(profile());
    return *g_shared;
}
void EngineUnderTest::end_shared() {
    g_shared.reset();
    if (!g_model_directory.empty()) std::filesystem::remove_all(g_model_directory);
}

openai::EngineRequest EngineUnderTest::admitted(const std::string& body, std::string_view path) const {
    crypto::SystemRandom random;
    auto request = openai::admit("POST", path, as_bytes(body), profile_.dialect(), random);
    if (!request) {
        std::fprintf(stderr, "a test's request is refused: %s\n%s\n", request.error().describe().c_str(), body.c_str());
        std::abort();
    }
    return std::move(*request);
}

net::Task<Result<std::string>> EngineUnderTest::raw(openai::EngineRequest request) {
    OPENPCC_CO_TRY(const auto call, co_await engine_->ask(std::move(request)));
    std::string out;
    Bytes buffer(4096);
    for (;;) {
        const ByteSpan room = buffer.span();
        OPENPCC_CO_TRY(const std::size_t got, co_await call->read(room));
        if (got == 0) co_return out;
        out += as_text(buffer.view().first(got));
    }
}

net::Task<Result<std::string>> EngineUnderTest::answer(std::string body, std::string path) {
    openai::EngineRequest request = admitted(body, path);
    crypto::SystemRandom random;
    openai::Answer answer(request, "public", 1, random);
    OPENPCC_CO_TRY(const auto call, co_await engine_->ask(std::move(request)));
    Plaintext out;
    Bytes buffer(4096);
    for (;;) {
        const ByteSpan room = buffer.span();
        OPENPCC_CO_TRY(const std::size_t got, co_await call->read(room));
        if (got == 0) break;
        OPENPCC_CO_CHECK(answer.update(buffer.view().first(got), out));
    }
    OPENPCC_CO_CHECK(answer.finish(out));
    co_return out.with([](ByteView view) { return to_string(view); });
}

Result<std::string> EngineUnderTest::answer_now(std::string body, std::string path) {
    return loop_.run_until_done(answer(std::move(body), std::move(path)));
}

json::Value EngineUnderTest::whole(const std::string& body) {
    const auto text = answer_now(body);
    EXPECT_TRUE(text) << text.error().describe();
    if (!text) return json::Value::object();
    return std::move(*json::parse(as_bytes(*text)));
}

pid_t EngineUnderTest::outer() const {
    // bubblewrap is this process's child; another engine's would be, too, so its command line decides.
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string line = file_text(entry.path() / "cmdline");
        if (!line.starts_with("/usr/bin/bwrap") || line.find(directory_ + '\0') == std::string::npos) continue;
        const auto pid = static_cast<pid_t>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
        const std::string status = file_text(entry.path() / "status");
        if (status.find(fmt::format("PPid:\t{}\n", ::getpid())) != std::string::npos) return pid;
    }
    return 0;
}

pid_t EngineUnderTest::inner() const {
    const pid_t parent = outer();
    return parent == 0 ? 0 : child_of(parent);
}

std::vector<DemoPrompt> demo_prompts() {
    const std::string text = file_text(OPENPCC_SOURCE_DIR "/models/demo/prompts.json");
    const auto list = json::parse(as_bytes(text));
    std::vector<DemoPrompt> out;
    for (const json::Value& one : list->elements())
        out.push_back({std::string(*one.get("prompt")->as_string()), std::string(*one.get("answer")->as_string())});
    return out;
}

std::string chat(std::string_view prompt, std::string_view members) {
    json::Value text = json::Value::string(prompt);
    return fmt::format(R"({{"model":"demo","temperature":0,"messages":[{{"role":"user","content":{}}}]{}{}}})",
                       text.to_text(), members.empty() ? "" : ",", members);
}

std::string content_of(const json::Value& whole, std::size_t choice) {
    const json::Value* choices = whole.get("choices");
    if (choices == nullptr || choices->elements().size() <= choice) return "(no such choice)";
    const json::Value* message = choices->elements()[choice].get("message");
    return std::string(message->get("content")->as_string().value_or("(null)"));
}

std::string content_of_stream(std::string_view events) {
    std::string out;
    while (events.starts_with("data: {")) {
        const std::size_t end = events.find("\n\n");
        const auto event = json::parse(as_bytes(events.substr(6, end - 6)));
        events.remove_prefix(end + 2);
        for (const json::Value& choice : event->get("choices")->elements())
            if (const json::Value* content = choice.get("delta")->get("content"))
                out += content->as_string().value_or("");
    }
    return out;
}

std::string long_members(int least) {
    return fmt::format(R"("response_format":{{"type":"json_schema","json_schema":{{"name":"long","schema":)"
                       R"({{"type":"string","minLength":{}}}}}}})",
                       least);
}

}  // namespace openpcc::testing
