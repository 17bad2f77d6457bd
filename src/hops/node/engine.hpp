// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "hops/node/errors.hpp"
#include "io/http/client.hpp"
#include "io/net/loop.hpp"
#include "protocol/openai/request.hpp"

namespace openpcc::node {

// EngineProfile is how one kind of engine is run and spoken to; its digest is part of the node's statement.
struct EngineProfile {
    std::string kind;            // "llama-server" or "vllm"
    std::string root;            // the unpacked file system that it runs in
    std::string model_path;      // on this machine
    std::string model_name;      // what it is called by callers
    std::uint32_t parallel = 4;  // answers worked on at once; more wait (Engine::ask)
    std::uint32_t context_tokens = 2048;
    // llama-server reads images with a file of its own beside the model; vLLM's models have it inside. How many images
    // a request may have is in `limits`.
    std::string projector;         // on this machine, or empty
    Digest256 projector_digest{};  // of the file, part of the profile
    // How texts become embeddings: "none", or a pooling of llama-server's: "mean", "cls", "last", "model" (its own).
    std::string embeddings = "none";
    openai::Limits limits;

    // digest covers what decides the engine's behaviour (kind, flags, environment, limits), not where files lie.
    Digest256 digest() const;
    openai::Dialect dialect() const;
    // check is node.bad_profile with a reason for what cannot be run.
    Result<void> check() const;
};

// Engine supervises one engine process: confined, without a network, on a UNIX socket in a private directory. It is
// started again when it dies; requests meanwhile are node.engine_down at once. Stopping: connections closed, TERM,
// KILL.
class Engine {
  public:
    enum class State { kStarting, kReady, kDown, kStopped };
    virtual ~Engine() = default;
    // start returns once the process runs; `ready` tells when it answers.
    static Result<std::unique_ptr<Engine>> start(net::Loop& loop, EngineProfile profile, std::string socket_directory);

    virtual State state() const = 0;
    // falls counts how often it went down; trouble says why it did the last time, and is empty when it never did.
    virtual std::uint32_t falls() const { return 0; }
    virtual std::string trouble() const { return {}; }
    virtual net::Task<Result<void>> ready(net::Deadline deadline) = 0;
    // ask sends a request and gives its call, whose content is the engine's answer (event stream or object); the head
    // has been read and was 200. Destroying the call cancels the generation, and so does cancelling ask. A request that
    // finds all slots taken waits for its turn, at most 30 s and behind at most eight times as many as there are slots
    // (node.engine_busy). node.engine_refused: a 4xx, whose words stay here. The call's own write, finish and head are
    // of no use.
    virtual net::Task<Result<std::unique_ptr<http::Call>>> ask(openai::EngineRequest request) = 0;
    virtual std::uint32_t in_flight() const = 0;
    // stop ends calls in flight, then the process: TERM, after 3 s KILL. Nothing of it is left afterwards. Without stop
    // the destructor kills at once.
    virtual net::Task<void> stop() = 0;
};

}  // namespace openpcc::node
