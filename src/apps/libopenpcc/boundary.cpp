// SPDX-License-Identifier: Apache-2.0
#include "apps/libopenpcc/boundary.hpp"

#include <algorithm>
#include <new>

#include "apps/libopenpcc/errors.hpp"
#include "apps/remedies/remedies.hpp"
#include "core/text.hpp"
#include "io/confine/harden.hpp"
#include "io/net/errors.hpp"
#include "version.hpp"

namespace openpcc::library {

namespace {

// A wait of more than a year is one without an end, and less than a clock can count.
constexpr std::int64_t kLongestWait = std::int64_t(366) * 24 * 3600 * 1000;

// Some texts come from the other side.
std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) out += take_printable(text);
    return out;
}

}  // namespace

openpcc_status status_of(const Error& error) {
    if (error == net::kCancelled) return OPENPCC_CANCELLED;
    if (error == kBadArgument) return OPENPCC_USAGE;
    return remedies::exit_code(error);
}

openpcc_status report(const Error& error, openpcc_error** out) noexcept {
    const openpcc_status status = status_of(error);
    if (out == nullptr) return status;
    try {
        *out = new openpcc_error{status, std::string(error.name()), printable(error.text()),
                                 std::string(remedies::hint_for(error))};
    } catch (const std::bad_alloc&) {
        *out = nullptr;
    }
    return status;
}

Result<std::string_view> text_of(const char* data, std::size_t size, std::string_view name) {
    if (size == 0) return std::string_view();
    if (data == nullptr || size > PTRDIFF_MAX) return fail(kBadArgument, std::string(name) + ": no such text");
    return std::string_view(data, size);
}

Result<std::string_view> text_of(const openpcc_text& text, std::string_view name) {
    return text_of(text.data, text.size, name);
}

Result<std::string> name_of(const char* data, std::size_t size, std::string_view name) {
    OPENPCC_TRY(const std::string_view text, text_of(data, size, name));
    if (text.find('\0') != std::string_view::npos) return fail(kBadArgument, std::string(name) + ": has a zero byte");
    return std::string(text);
}

std::optional<Milliseconds> wait_of(std::int64_t milliseconds) {
    if (milliseconds < 0) return std::nullopt;
    return Milliseconds(std::min(milliseconds, kLongestWait));
}

const char* give(const std::string* text, std::size_t* size) noexcept {
    if (size != nullptr) *size = text == nullptr ? 0 : text->size();
    return text == nullptr ? "" : text->c_str();
}

}  // namespace openpcc::library

using namespace openpcc;

extern "C" {

uint32_t openpcc_abi(void) { return OPENPCC_ABI; }

const char* openpcc_version(void) { return kVersionAndRevision; }

openpcc_status openpcc_harden(int* memory_locked, openpcc_error** error) {
    if (memory_locked != nullptr) *memory_locked = 0;
    return library::guarded(error, [&]() -> Result<openpcc_status> {
        OPENPCC_TRY(const auto hardened, confine::harden_self());
        if (memory_locked != nullptr) *memory_locked = hardened.memory_locked ? 1 : 0;
        return OPENPCC_OK;
    });
}

openpcc_status openpcc_error_status(const openpcc_error* error) {
    return error == nullptr ? OPENPCC_OK : error->status;
}

const char* openpcc_error_name(const openpcc_error* error, size_t* size) {
    return library::give(error == nullptr ? nullptr : &error->name, size);
}

const char* openpcc_error_text(const openpcc_error* error, size_t* size) {
    return library::give(error == nullptr ? nullptr : &error->text, size);
}

const char* openpcc_error_hint(const openpcc_error* error, size_t* size) {
    return library::give(error == nullptr ? nullptr : &error->hint, size);
}

void openpcc_error_free(openpcc_error* error) { delete error; }

}  // extern "C"
