// SPDX-License-Identifier: Apache-2.0
#include "hops/node/engine_command.hpp"

#include <fmt/format.h>

namespace openpcc::node {

namespace {

constexpr const char* kSocketInside = "/run/engine/e.sock";

void append(std::vector<std::string>& to, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) to.emplace_back(word);
}

// llama.cpp's server. No pages, no downloads, no view of other slots; no prompt cache, so that no caller can feel by
// time what another has asked; each slot its own part of the context. One thread per request: two wait for each other
// on shared cores most of the time.
EngineCommand llama_server(const EngineProfile& profile) {
    EngineCommand out;
    out.sandbox.usr = profile.root + "/usr";
    out.sandbox.read_only = {{profile.model_path, "/model.gguf"}};
    const std::string context = fmt::format("{}", std::uint64_t{profile.context_tokens} * profile.parallel);
    append(out.argv,
           {"/usr/bin/llama-server", "-m", "/model.gguf", "--alias", profile.model_name, "--host", kSocketInside});
    append(out.argv, {"-t", "1", "-np", fmt::format("{}", profile.parallel), "-c", context});
    if (profile.embeddings == "none") {
        // It looks for closed connections between two batches of a prompt.
        append(out.argv, {"-b", "256"});
    } else {
        // A text to embed has to fit into one batch.
        const std::string batch = fmt::format("{}", profile.context_tokens);
        append(out.argv, {"-b", batch, "-ub", batch, "--embeddings"});
        if (profile.embeddings != "model") append(out.argv, {"--pooling", profile.embeddings});
    }
    if (!profile.projector.empty()) {
        out.sandbox.read_only.push_back({profile.projector, "/projector.gguf"});
        append(out.argv, {"--mmproj", "/projector.gguf"});
    }
    append(out.argv,
           {"--no-ui", "--offline", "--no-slots", "--no-cache-prompt", "--cache-ram", "0", "--no-kv-unified"});
    return out;
}

// vLLM as tools/engine/vllm/install lays it out: a Python environment and, for the CPU build, empty GPU libraries. No
// telemetry, no downloads, no developer's endpoints, no log of requests, caches in memory. The prefix cache is off; the
// salt that each request carries all the same keeps callers apart if that ever changes.
EngineCommand vllm(const EngineProfile& profile) {
    EngineCommand out;
    out.sandbox.usr = "/usr";  // Python is the system's
    // It asks lscpu, which reads /sys.
    out.sandbox.read_only = {
        {profile.root, "/engine"}, {profile.model_path, "/model"}, {"/sys/devices/system", "/sys/devices/system"}};
    out.sandbox.directory = "/tmp";
    out.sandbox.sockets = confine::Sockets::kLoopback;
    append(out.sandbox.environment,
           {"PATH=/engine/venv/bin:/usr/bin", "HOME=/tmp", "USER=engine", "LANG=C.UTF-8", "VLLM_NO_USAGE_STATS=1",
            "DO_NOT_TRACK=1", "HF_HUB_OFFLINE=1", "TRANSFORMERS_OFFLINE=1", "HF_DATASETS_OFFLINE=1",
            "HF_HUB_DISABLE_TELEMETRY=1", "VLLM_SERVER_DEV_MODE=0", "VLLM_MEDIA_URL_ALLOW_REDIRECTS=0",
            "VLLM_MAX_N_SEQUENCES=8", "VLLM_CACHE_ROOT=/tmp/cache", "LD_LIBRARY_PATH=/engine/stubs",
            "LD_PRELOAD=/engine/venv/lib/libiomp5.so", "VLLM_CPU_KVCACHE_SPACE=1", "VLLM_CPU_OMP_THREADS_BIND=auto",
            "PYTHONDONTWRITEBYTECODE=1"});
    append(out.argv, {"/engine/venv/bin/python", "-m", "vllm.entrypoints.openai.api_server", "--model", "/model"});
    append(out.argv, {"--served-model-name", profile.model_name, "--uds", kSocketInside, "--no-enable-prefix-caching"});
    append(out.argv, {"--disable-uvicorn-access-log", "--disable-fastapi-docs", "--fingerprint-mode", "none"});
    append(out.argv,
           {"--dtype", "float32", "--enforce-eager", "--max-model-len", fmt::format("{}", profile.context_tokens)});
    append(out.argv, {"--max-num-seqs", fmt::format("{}", profile.parallel), "--generation-config", "vllm"});
    append(out.argv,
           {"--override-generation-config", fmt::format(R"({{"max_new_tokens":{}}})", profile.limits.max_tokens)});
    if (profile.limits.images > 0)
        append(out.argv,
               {"--limit-mm-per-prompt", fmt::format(R"({{"image":{},"video":0,"audio":0}})", profile.limits.images)});
    return out;
}

}  // namespace

EngineCommand engine_command(const EngineProfile& profile, const std::string& socket_directory) {
    EngineCommand out = profile.kind == "vllm" ? vllm(profile) : llama_server(profile);
    out.sandbox.socket_directory = socket_directory;
    return out;
}

EngineTimes engine_times(const EngineProfile& profile) {
    // The first loads Python and compiles nothing; the second maps a file. Large models take minutes from a cold disk.
    return {profile.kind == "vllm" ? std::chrono::minutes(15) : std::chrono::minutes(10)};
}

}  // namespace openpcc::node
