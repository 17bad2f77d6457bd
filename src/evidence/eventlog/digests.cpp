// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/digests.hpp"

#include <array>

#include "crypto/hash.hpp"
#include "evidence/eventlog/replay.hpp"
#include "wire/reader.hpp"

namespace openpcc::eventlog {

namespace {

bool is_digest_of(const Log& log, const Event& event, Bank bank, std::initializer_list<ByteView> parts) {
    return equal(crypto::digest(hash_of(bank), parts), log.digest(event, bank));
}

DataMatch decided(bool equal) { return equal ? DataMatch::kEqual : DataMatch::kDiffers; }

// Firmware has measured a boot variable's data (PFP before 1.06) or all of the structure (some, and always in the
// second form of the event); both tell the data.
DataMatch match_variable(const Log& log, const Event& event, Bank bank) {
    const ByteView data = log.data(event);
    const auto variable = parse_variable(data);
    if (!variable) return DataMatch::kDiffers;
    if (is_digest_of(log, event, bank, {data})) return DataMatch::kEqual;
    return decided(event.type == kEfiVariableBoot && is_digest_of(log, event, bank, {variable->data}));
}

// GRUB writes "kind: text" (RHEL 8: "kind text") and a NUL, and measures the text, without (RHEL 8: with) the NUL. What
// other boot loaders write under this type is a name of what they have measured; the kind is a hint in any case.
DataMatch match_ipl(const Log& log, const Event& event, Bank bank) {
    std::string_view text = as_text(log.data(event));
    constexpr std::array<std::string_view, 4> kKinds = {"grub_cmd", "kernel_cmdline", "module_cmdline",
                                                        "grub_kernel_cmdline"};
    for (std::string_view kind : kKinds) {
        if (!text.starts_with(kind)) continue;
        text.remove_prefix(kind.size());
        if (text.starts_with(": "))
            text.remove_prefix(2);
        else if (text.starts_with(" "))
            text.remove_prefix(1);
        else
            return DataMatch::kNotDefined;
        if (!text.ends_with('\0')) return DataMatch::kDiffers;
        return decided(is_digest_of(log, event, bank, {as_bytes(text.substr(0, text.size() - 1))}) ||
                       is_digest_of(log, event, bank, {as_bytes(text)}));
    }
    return DataMatch::kNotDefined;
}

DataMatch match_runtime(const Log& log, const Event& event, Bank bank) {
    const std::array<std::uint8_t, 5> prefix = {0x01, 0x00, 0x00, 0x08, ':'};
    return decided(is_digest_of(log, event, bank, {prefix, log.data(event)}));
}

}  // namespace

std::string_view to_string(DataMatch match) {
    switch (match) {
        case DataMatch::kEqual:
            return "equal";
        case DataMatch::kDiffers:
            return "differs";
        case DataMatch::kNotDefined:
            return "not defined";
        case DataMatch::kNotExtended:
            return "not extended";
    }
    return "differs";
}

DataMatch match_data(const Log& log, const Event& event, Bank bank) {
    switch (event.type) {
        case kNoAction:
            return DataMatch::kNotExtended;
        case kSeparator:
        case kAction:
        case kSCrtmVersion:
        case kNonhostInfo:
        case kOmitBootDevices:
        case kEfiGpt:
        case kEfiGpt2:
        case kEfiAction:
            return decided(is_digest_of(log, event, bank, {log.data(event)}));
        case kEfiVariableDriverConfig:
        case kEfiVariableBoot:
        case kEfiVariableBoot2:
        case kEfiVariableAuthority:
            return match_variable(log, event, bank);
        case kIpl:
            return match_ipl(log, event, bank);
        case kRuntimeEvent:
            return match_runtime(log, event, bank);
        default:
            return DataMatch::kNotDefined;
    }
}

Result<Variable> parse_variable(ByteView data) {
    const auto read = [](ByteView bytes) -> Result<Variable> {
        wire::Reader in(bytes);
        Variable out;
        OPENPCC_TRY(out.vendor, in.take(16));
        OPENPCC_TRY(const auto units, in.number_le<std::uint64_t>());
        OPENPCC_TRY(const auto size, in.number_le<std::uint64_t>());
        if (units > kMaxLog) return fail(kMalformed);
        OPENPCC_TRY(out.name, in.take(2 * units));
        OPENPCC_TRY(out.data, in.take(size));
        OPENPCC_CHECK(in.finish());
        return out;
    };
    auto out = read(data);
    return out ? std::move(out) : fail(kMalformed, "not a variable");
}

}  // namespace openpcc::eventlog
