// SPDX-License-Identifier: Apache-2.0
#include "apps/proxy/refusal.hpp"

#include "apps/proxy/errors.hpp"
#include "io/http/errors.hpp"
#include "protocol/openai/errors.hpp"

namespace openpcc::proxy {

namespace {

struct Kind {
    std::uint16_t status;
    std::string_view type;
};

Kind kind_of(const Error& error, Side side) {
    // Whatever a relay, a gateway or a node sends, it is not the program that has asked badly.
    if (side == Side::kService && error.category() == Category::kBadInput) return {502, "api_error"};
    // A request that does not come to its end in time.
    if (side == Side::kProgram && error == http::kTimeout) return {408, "invalid_request_error"};
    if (error == kNoKey) return {401, "authentication_error"};
    if (error == kForeignHost || error == kForeignOrigin) return {403, "permission_error"};
    if (error == openai::kUnknownPath || error == openai::kUnknownModel) return {404, "not_found_error"};
    if (error == openai::kTooLarge || error == http::kTooLarge) return {413, "invalid_request_error"};
    // To ask again would change nothing: the evidence is what it is.
    if (error.category() == Category::kUnverified) return {403, "openpcc_verification_error"};
    switch (error.category()) {
        case Category::kBadInput:
            return {400, "invalid_request_error"};
        case Category::kUnavailable:
            return {503, "api_connection_error"};
        default:
            return {502, "api_error"};
    }
}

}  // namespace

std::string Refusal::body(openai::ErrorShape shape) const { return openai::error_body(shape, type, code, message); }
std::string Refusal::event(openai::ErrorShape shape) const { return openai::error_event(shape, body(shape)); }

Refusal refusal_of(const Error& error, Side side, std::string_view what_to_do) {
    const Kind kind = kind_of(error, side);
    std::string message(error.text());
    if (message.empty()) message = error.name();
    if (!what_to_do.empty()) message += ". " + std::string(what_to_do);
    return {kind.status, std::string(kind.type), std::string(error.name()), std::move(message)};
}

}  // namespace openpcc::proxy
