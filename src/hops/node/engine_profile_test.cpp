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
    EXPECT_TRUE(refuses([](auto& p) { p.limits.images = 1; }));
    EXPECT_TRUE(refuses([](auto& p) { p.projector = "/srv/projector"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.projector = "projector", p.limits.images = 1; }));
    EXPECT_TRUE(refuses([](auto& p) { p.embeddings = "max"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.kind = "vllm", p.embeddings = "mean"; }));
    EXPECT_TRUE(refuses([](auto& p) { p.kind = "vllm", p.projector = "/srv/projector"; }));
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
    EXPECT_TRUE(add([](auto& p) { p.embeddings = "mean"; }));
    EXPECT_TRUE(add([](auto& p) { p.embeddings = "cls"; }));
    const auto seeing = [](auto& p) { p.projector = "/srv/projector", p.limits.images = 1; };
    EXPECT_TRUE(add(seeing));
    EXPECT_TRUE(add([&](auto& p) { seeing(p), p.limits.images = 2; }));
    EXPECT_TRUE(add([&](auto& p) { seeing(p), p.projector_digest.bytes[0] = 1; }));
    EXPECT_FALSE(add([&](auto& p) { seeing(p), p.projector = "/elsewhere"; }));
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

TEST(EngineProfile, WhatElseAnEngineCanIsInItsFlags) {
    EngineProfile more = profile();
    more.embeddings = "mean";
    more.projector = "/srv/projector";
    more.limits.images = 2;
    const EngineCommand command = engine_command(more, "/run/x");
    EXPECT_NE(
        joined(command.argv).find("-b 2048 -ub 2048 --embeddings --pooling mean --mmproj /projector.gguf --no-ui"),
        std::string::npos)
        << joined(command.argv);
    EXPECT_EQ(command.sandbox.read_only.size(), 2U);
    EXPECT_TRUE(more.dialect().embeds);
    EXPECT_EQ(more.dialect().limits.images, 2U);
    EXPECT_TRUE(more.dialect().counts_tokens);
    EXPECT_FALSE(profile().dialect().embeds);
    more.embeddings = "model";
    EXPECT_EQ(joined(engine_command(more, "/run/x").argv).find("--pooling"), std::string::npos);
    EngineProfile other = profile("vllm");
    other.limits.images = 3;
    EXPECT_NE(
        joined(engine_command(other, "/run/x").argv).find(R"(--limit-mm-per-prompt {"image":3,"video":0,"audio":0})"),
        std::string::npos);
    EXPECT_FALSE(other.dialect().counts_tokens);
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
