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

// The OpenAI dialect as a node speaks it (docs/reference/api.md): what a caller may say, written anew for the engine.
namespace openpcc::openai {

// Limits are part of the engine profile.
struct Limits {
    std::size_t body_bytes = 1 << 20;
    std::uint32_t max_tokens = 4096;  // per choice; also the value when the caller gives none
    std::uint32_t choices = 4;        // n
    std::uint32_t messages = 1024;
    std::uint32_t stop_strings = 16;
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
    Limits limits;
};

// EngineRequest is what goes to the engine: a path from the allow-list and a body of our own making that always
// streams.
struct EngineRequest {
    std::string path;
    Plaintext body;
    bool caller_streams = false;  // otherwise the answer is gathered into one object
    bool caller_wants_usage = false;
    bool caller_wants_logprobs = false;
    bool chat = true;           // chat completions; false: completions
    std::uint32_t choices = 1;  // n: how many answers the engine works on at once
};

// admit checks a caller's request and writes the engine's. Fields outside the allow-list, media by address, tokens or
// choices over the limits are refused by name in `Error::text` (names of ours only, never the caller's words).
Result<EngineRequest> admit(std::string_view method, std::string_view path, ByteView body, const Dialect& dialect,
                            Random& random);

}  // namespace openpcc::openai
