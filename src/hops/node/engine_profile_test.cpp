// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "hops/node/engine_command.hpp"

namespace openpcc::node {
namespace {

EngineProfile profile(std::string kind = "llama-server") {
    EngineProfile out;
    out.kind = std::move(kind);
    out.root = "/opt/engine";
    out.model_path = "/srv/model";
    out.model_name = "demo";
    out.limits.max_tokens = 1024;
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += word + " ";
    return out;
}

TEST(EngineProfile, RefusesWhatCannotBeRun) {
    EXPECT_TRUE(profile().check());
    EXPECT_TRUE(profile("vllm").check());
    const auto refuses = [](auto change) {
        EngineProfile changed = profile();
        change(changed);
        const auto result = changed.check();
        return !result && result.error() == kBadProfile;
    };
    EXPECT_TRUE(refuses([](auto& p) { p.kind = "ollama"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.root = "engine"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.model_path = "model"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.model_name = "--log-prompts-dir"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.model_name = "a b"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.parallel = 0; }));
    EXPECT_TRUE(refuses([](auto& p) { p.context_tokens = 1; }));
    EXPECT_TRUE(refuses([](auto& p) { p.limits.max_tokens = 4096; }));
    EXPECT_TRUE(refuses([](auto& p) { p.limits.choices = 5; }));
}

TEST(EngineProfile, DigestIsOfTheBehaviour) {
    std::set<std::string> digests{to_hex(profile().digest())};
    const auto add = [&](auto change) {
        EngineProfile changed = profile();
        change(changed);
        return digests.insert(to_hex(changed.digest())).second;
    };
    EXPECT_TRUE(add([](auto& p) { p.kind = "vllm"; }));
    EXPECT_TRUE(add([](auto& p) { p.model_name = "other"; }));
    EXPECT_TRUE(add([](auto& p) { p.parallel = 2; }));
    EXPECT_TRUE(add([](auto& p) { p.context_tokens = 1024; }));
    EXPECT_TRUE(add([](auto& p) { p.limits.max_tokens = 7; }));
    EXPECT_TRUE(add([](auto& p) { p.limits.body_bytes = 7; }));
    EXPECT_TRUE(add([](auto& p) { p.limits.choices = 1; }));
    EXPECT_TRUE(add([](auto& p) { p.limits.messages = 7; }));
    EXPECT_TRUE(add([](auto& p) { p.limits.stop_strings = 7; }));
    EXPECT_FALSE(add([](auto& p) { p.root = "/elsewhere"; }));
    EXPECT_FALSE(add([](auto& p) { p.model_path = "/elsewhere"; }));
}

TEST(EngineProfile, LlamaServerHasNoCacheAndNoSlotsPage) {
    const EngineCommand command = engine_command(profile(), "/run/x");
    EXPECT_EQ(
        joined(command.argv),
        "/usr/bin/llama-server -m /model.gguf --alias demo --host /run/engine/e.sock -t 1 -np 4 -c 8192 -b 256 --no-ui "
        "--offline --no-slots --no-cache-prompt --cache-ram 0 --no-kv-unified ");
    EXPECT_TRUE(command.sandbox.environment.empty());
    EXPECT_EQ(command.sandbox.sockets, confine::Sockets::kUnix);
    EXPECT_EQ(command.sandbox.usr, "/opt/engine/usr");
    EXPECT_EQ(command.sandbox.socket_directory, "/run/x");
    EXPECT_EQ(profile().dialect().cache, openai::CacheIsolation::kCacheOff);
}

TEST(EngineProfile, VllmLogsNothingAndTellsNobody) {
    const EngineCommand command = engine_command(profile("vllm"), "/run/x");
    const std::string line = joined(command.argv), environment = joined(command.sandbox.environment);
    for (const char* flag : {"--uds /run/engine/e.sock", "--no-enable-prefix-caching", "--disable-uvicorn-access-log",
                             "--disable-fastapi-docs", "--fingerprint-mode none", "\"max_new_tokens\":1024"})
        EXPECT_NE(line.find(flag), std::string::npos) << flag;
    for (const char* flag :
         {"--enable-log", "--disable-log-requests", "--trust-remote-code", "--enable-prompt-tokens-details", "--host"})
        EXPECT_EQ(line.find(flag), std::string::npos) << flag;
    for (const char* pair : {"VLLM_NO_USAGE_STATS=1", "DO_NOT_TRACK=1", "HF_HUB_OFFLINE=1", "VLLM_SERVER_DEV_MODE=0"})
        EXPECT_NE(environment.find(pair), std::string::npos) << pair;
    EXPECT_EQ(profile("vllm").dialect().cache, openai::CacheIsolation::kSaltPerRequest);
}

}  // namespace
}  // namespace openpcc::node
