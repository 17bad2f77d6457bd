// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "protocol/openai/api.hpp"

namespace openpcc::proxy {

// Refusal is an error as the API tells it: what SDKs turn into their own exceptions, and whether they ask again by
// themselves (docs/reference/proxy.md). An SDK repeats a request after 408, 409, 429 and 5xx; whatever repeating cannot
// mend has another status.
struct Refusal {
    std::uint16_t status = 500;
    std::string type;     // "invalid_request_error", "openpcc_verification_error", ...
    std::string code;     // our name of the error
    std::string message;  // what is wrong, and what to do

    // body is the API's error object; event is the same as the last event of a stream.
    std::string body(openai::ErrorShape shape) const;
    std::string event(openai::ErrorShape shape) const;
};

// Side is whose fault an error is: what the program sent, or what came back from the service.
enum class Side : std::uint8_t { kProgram, kService };

// refusal_of says it of an error; `what_to_do` is added to the message when there is something.
Refusal refusal_of(const Error& error, Side side, std::string_view what_to_do);

}  // namespace openpcc::proxy
