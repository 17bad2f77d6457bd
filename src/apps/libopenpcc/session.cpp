// SPDX-License-Identifier: Apache-2.0
#include "apps/console/console.hpp"
#include "apps/libopenpcc/boundary.hpp"
#include "apps/libopenpcc/errors.hpp"
#include "apps/libopenpcc/runner.hpp"
#include "apps/libopenpcc/verdicts.hpp"
#include "apps/profiles/client_config.hpp"
#include "hops/client/errors.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/models.hpp"

struct openpcc_session {
    std::shared_ptr<openpcc::library::Runner> runner;
};

// A stream outlives its session when the caller frees it later.
struct openpcc_stream {
    std::shared_ptr<openpcc::library::Runner> runner;
    std::shared_ptr<openpcc::library::Answer> answer;
};

namespace openpcc::library {

namespace {

constexpr std::size_t kMaxBody = 2 << 20;
constexpr std::size_t kMaxPath = 256;

Result<openpcc_status> open(Result<client::Profile> profile, openpcc_session** out) {
    if (!profile) return std::unexpected(profile.error());
    *out = new openpcc_session{Runner::start(std::move(*profile))};
    return OPENPCC_OK;
}

// What leaves the machine is written anew under a head of our own.
Result<std::shared_ptr<Answer>> ask(Runner& runner, std::string_view path, std::string_view body) {
    if (path.size() > kMaxPath) return fail(kBadArgument, "path: too long");
    if (body.empty()) {
        OPENPCC_TRY(const auto models, openai::models_path(path));
        if (!models) return fail(openai::kUnknownPath, "without a body there is GET /v1/models and /v1/models/ID");
        return runner.ask({"GET", "https", "openpcc", *models, {}}, Plaintext());
    }
    crypto::SystemRandom random;
    OPENPCC_TRY(auto out, openai::prepare("POST", path, as_bytes(body), kMaxBody, random));
    http::RequestHead head{"POST", "https", "openpcc", out.path, {{"content-type", "application/json"}}};
    return runner.ask(std::move(head), std::move(out.body));
}

}  // namespace

}  // namespace openpcc::library

using namespace openpcc;
using library::kBadArgument;

extern "C" {

openpcc_status openpcc_session_open_config(const char* path, size_t size, openpcc_session** out,
                                           openpcc_error** error) {
    if (out != nullptr) *out = nullptr;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        if (out == nullptr) return fail(kBadArgument, "out: NULL");
        OPENPCC_TRY(const std::string name, library::name_of(path, size, "path"));
        if (name.empty()) return fail(kBadArgument, "path: empty");
        return library::open(profiles::load_config(name), out);
    });
}

openpcc_status openpcc_session_open_service(const char* name, size_t size, openpcc_session** out,
                                            openpcc_error** error) {
    if (out != nullptr) *out = nullptr;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        if (out == nullptr) return fail(kBadArgument, "out: NULL");
        OPENPCC_TRY(const std::string text, library::name_of(name, size, "name"));
        const auto chosen = text.empty() ? std::nullopt : std::optional(text);
        return library::open(profiles::load_added(chosen, cli::wall_clock()), out);
    });
}

openpcc_status openpcc_session_verdicts(openpcc_session* session, int64_t wait, openpcc_verdicts** out,
                                        openpcc_error** error) {
    if (out != nullptr) *out = nullptr;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        if (session == nullptr || out == nullptr) return fail(kBadArgument, "session, out: NULL");
        const auto judgement = session->runner->judge();
        const auto outcome = judgement->wait(library::wait_of(wait));
        if (!outcome) return OPENPCC_AGAIN;
        session->runner->took(judgement);
        OPENPCC_TRY(const auto judged, *outcome);
        if (judged->nodes.empty()) return fail(client::kNoNode, "the service has no node ready");
        auto verdicts = library::verdicts_of(*judged);
        const openpcc_status worst = library::worst_of(*verdicts);
        *out = verdicts.release();
        return worst;
    });
}

void openpcc_session_stop(openpcc_session* session) {
    if (session == nullptr) return;
    (void)library::guarded(nullptr, [&]() -> Result<openpcc_status> {
        session->runner->stop();
        return OPENPCC_OK;
    });
}

void openpcc_session_free(openpcc_session* session) {
    if (session == nullptr) return;
    (void)library::guarded(nullptr, [&]() -> Result<openpcc_status> {
        session->runner->stop();
        session->runner->join();
        delete session;
        return OPENPCC_OK;
    });
}

openpcc_status openpcc_ask(openpcc_session* session, const char* path, size_t path_size, const char* body,
                           size_t body_size, openpcc_stream** out, openpcc_error** error) {
    if (out != nullptr) *out = nullptr;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        if (session == nullptr || out == nullptr) return fail(kBadArgument, "session, out: NULL");
        OPENPCC_TRY(const std::string_view path_text, library::text_of(path, path_size, "path"));
        OPENPCC_TRY(const std::string_view body_text, library::text_of(body, body_size, "body"));
        auto stream = std::make_unique<openpcc_stream>(session->runner, nullptr);
        OPENPCC_TRY(stream->answer, library::ask(*session->runner, path_text, body_text));
        *out = stream.release();
        return OPENPCC_OK;
    });
}

openpcc_status openpcc_stream_head(openpcc_stream* stream, int64_t wait, int* http_status, openpcc_error** error) {
    if (http_status != nullptr) *http_status = 0;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        if (stream == nullptr || http_status == nullptr) return fail(kBadArgument, "stream, http_status: NULL");
        OPENPCC_TRY(const auto status, stream->answer->status(library::wait_of(wait)));
        if (!status) return OPENPCC_AGAIN;
        *http_status = *status;
        return OPENPCC_OK;
    });
}

int64_t openpcc_stream_read(openpcc_stream* stream, void* buffer, size_t capacity, int64_t wait,
                            openpcc_error** error) {
    std::size_t got = 0;
    const openpcc_status status = library::guarded(error, [&]() -> Result<openpcc_status> {
        if (stream == nullptr || buffer == nullptr || capacity == 0 || capacity > PTRDIFF_MAX)
            return fail(kBadArgument, "stream, buffer, capacity: NULL or 0");
        const ByteSpan out(static_cast<std::uint8_t*>(buffer), capacity);
        OPENPCC_TRY(const auto size, stream->answer->read(out, library::wait_of(wait)));
        if (!size) return OPENPCC_AGAIN;
        got = *size;
        return OPENPCC_OK;
    });
    return status == OPENPCC_OK ? static_cast<std::int64_t>(got) : -static_cast<std::int64_t>(status);
}

const char* openpcc_stream_answered_by(const openpcc_stream* stream, size_t* size) {
    return library::give(stream == nullptr ? nullptr : stream->answer->answered_by(), size);
}

void openpcc_stream_cancel(openpcc_stream* stream) {
    if (stream == nullptr) return;
    (void)library::guarded(nullptr, [&]() -> Result<openpcc_status> {
        stream->runner->cancel(stream->answer);
        return OPENPCC_OK;
    });
}

void openpcc_stream_free(openpcc_stream* stream) {
    openpcc_stream_cancel(stream);
    delete stream;
}

}  // extern "C"
