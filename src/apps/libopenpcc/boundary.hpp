// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openpcc/openpcc.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

struct openpcc_error {
    openpcc_status status;
    std::string name, text, hint;
};

// Between C and us: arguments that may be anything, errors as objects, and no exception of any library gets out.
namespace openpcc::library {

// status_of is the exit code of the command line, but for what the caller has cancelled.
openpcc_status status_of(const Error& error);
// report makes an error for the caller, if he wants one and there is memory for it.
openpcc_status report(const Error& error, openpcc_error** out) noexcept;

// text_of is what the caller gave, which must be there when it has a size.
Result<std::string_view> text_of(const char* data, std::size_t size, std::string_view name);
Result<std::string_view> text_of(const openpcc_text& text, std::string_view name);
// name_of is a text that the system is asked for: without a zero byte, at which it would end there.
Result<std::string> name_of(const char* data, std::size_t size, std::string_view name);

// wait_of reads a wait: none is one without an end.
std::optional<Milliseconds> wait_of(std::int64_t milliseconds);

// give hands a text out.
const char* give(const std::string* text, std::size_t* size) noexcept;

// guarded runs a call of the interface: `call` gives a Result<openpcc_status>.
template <class Call>
openpcc_status guarded(openpcc_error** error, Call&& call) noexcept {
    if (error != nullptr) *error = nullptr;
    try {
        Result<openpcc_status> status = call();
        return status ? *status : report(status.error(), error);
    } catch (...) {
        return report(core::kInternal, error);
    }
}

}  // namespace openpcc::library
