// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "protocol/openai/api.hpp"
#include "wire/json.hpp"

// The APIs as a node speaks them (docs/reference/api.md): what a caller may say, written anew for the engine. Whatever
// the API, the engine is asked in one dialect, OpenAI's chat completions or completions: its other dialects keep
// callers' caches apart in none of the ways that a node relies on, and pass over members that they do not know
// (decision 014).
namespace openpcc::openai {

// Limits are part of the engine profile.
struct Limits {
    std::size_t body_bytes = 1 << 20;
    std::uint32_t max_tokens = 4096;  // per choice; also the value when the caller gives none
    std::uint32_t choices = 4;        // n
    std::uint32_t messages = 1024;
    std::uint32_t stop_strings = 16;
    std::uint32_t images = 0;    // of one request; 0: the engine has no eyes
    std::uint32_t inputs = 256;  // texts of one request for embeddings
};

// Isolation says how the engine is told to keep callers' caches apart.
enum class CacheIsolation : std::uint8_t {
    kCacheOff,        // llama-server: started without a prefix cache, and each request says so
    kSaltPerRequest,  // vLLM: cache_salt, fresh for each request
};

// TokenDefault says who keeps an answer short when the caller does not: vLLM refuses a request whose prompt and
// max_tokens together exceed the context, so there the engine is started with the limit instead.
enum class TokenDefault : std::uint8_t { kSentByNode, kHeldByEngine };

struct Dialect {
    std::string model_name;  // what the engine calls the model; callers may give it or the public id
    std::vector<std::string> model_aliases;
    CacheIsolation cache = CacheIsolation::kCacheOff;
    TokenDefault token_default = TokenDefault::kSentByNode;
    bool counts_tokens = false;  // the engine can say how long a prompt is without answering it
    bool embeds = false;         // the engine makes embeddings
    Limits limits;
};

// EngineAnswer is what the engine gives: an event stream, or one object.
enum class EngineAnswer : std::uint8_t { kEvents, kObject };

// EngineRequest is what goes to the engine: a path from the allow-list (engine_path_ok) and a body of our own making.
// Answers of a model always stream.
struct EngineRequest {
    Api api = Api::kChat;  // what the caller asked
    std::string path;      // at the engine
    Plaintext body;
    EngineAnswer gives = EngineAnswer::kEvents;
    bool caller_streams = false;  // otherwise the answer is gathered into one object
    bool caller_wants_usage = false;
    bool caller_wants_logprobs = false;
    std::uint32_t choices = 1;  // n: how many answers the engine works on at once
    json::Value stops;          // a list of the texts that the caller wants it to stop at, or null
    json::Value echo;           // responses: what the answer repeats of the request, by allow-list
    std::uint32_t inputs = 1;   // embeddings: how many texts
    bool base64 = false;        // embeddings: how the caller wants the numbers
};

// engine_path_ok: one of the paths that admit gives, and no other, is ever asked of an engine.
bool engine_path_ok(std::string_view path);

// admit checks a caller's request and writes the engine's. Fields outside the allow-list, media by address, tokens or
// choices over the limits are refused by name in `Error::text` (names of ours only, never the caller's words).
// openai.unknown_path also for an API that this engine does not have.
Result<EngineRequest> admit(std::string_view method, std::string_view path, ByteView body, const Dialect& dialect,
                            Random& random);

}  // namespace openpcc::openai
