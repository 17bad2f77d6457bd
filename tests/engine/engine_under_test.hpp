// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hops/node/engine.hpp"
#include "io/net/loop.hpp"
#include "protocol/openai/answer.hpp"
#include "wire/json.hpp"

namespace openpcc::testing {

using node::Engine;
using node::EngineProfile;

// profile_under_test is the engine that the environment names, or nullopt with the reason on stderr.
std::optional<EngineProfile> profile_under_test();

// EngineUnderTest is a running engine with a directory of its own, and the loop that it runs on.
class EngineUnderTest {
  public:
    explicit EngineUnderTest(EngineProfile profile);
    ~EngineUnderTest();

    // shared is one engine for all tests that do not end it.
    static EngineUnderTest& shared();
    static void end_shared();
    static EngineProfile profile();

    net::Loop& loop() { return loop_; }
    Engine& engine() { return *engine_; }
    void reset_engine() { engine_.reset(); }
    const std::string& directory() const { return directory_; }
    net::Clock::duration time_to_ready() const { return time_to_ready_; }
    bool is_vllm() const { return profile_.kind == "vllm"; }

    // admitted is the engine's request for a caller's; it must be good.
    openai::EngineRequest admitted(const std::string& body, std::string_view path = "/v1/chat/completions") const;
    // raw asks and reads the engine's bytes to their end.
    net::Task<Result<std::string>> raw(openai::EngineRequest request);
    // answer is what the caller gets.
    net::Task<Result<std::string>> answer(std::string body, std::string path);
    Result<std::string> answer_now(std::string body, std::string path = "/v1/chat/completions");
    json::Value whole(const std::string& members);

    // outer and inner are bubblewrap's and the engine's own process numbers; 0 when there is none.
    pid_t outer() const;
    pid_t inner() const;

  private:
    EngineProfile profile_;
    std::string directory_;
    net::Loop loop_;
    std::unique_ptr<Engine> engine_;
    net::Clock::duration time_to_ready_{};
};

struct DemoPrompt {
    std::string prompt, answer;
};
std::vector<DemoPrompt> demo_prompts();

// chat is a request's body: a user's message at temperature 0 and more members.
std::string chat(std::string_view prompt, std::string_view members = "");
// Content of a whole answer; of the events of a streamed one.
std::string content_of(const json::Value& whole, std::size_t choice = 0);
std::string content_of_stream(std::string_view events);
// long_members make the model write at least `least` characters: a schema lets it not stop.
std::string long_members(int least);

}  // namespace openpcc::testing
