// SPDX-License-Identifier: Apache-2.0
#include "io/device/runtime_log.hpp"

#include <algorithm>
#include <cerrno>

#include "crypto/hash.hpp"
#include "io/device/attempts.hpp"
#include "wire/reader.hpp"

namespace openpcc::device {

namespace {

const std::string kMeasurements = "/sys/devices/virtual/misc/tdx_guest/measurements";
const std::string kCcel = "/sys/firmware/acpi/tables/data/CCEL";
constexpr std::uint32_t kRuntimeEvent = 0x08000001;
constexpr std::uint16_t kSha384 = 0x000c;
constexpr std::size_t kDigestSize = 48;
constexpr std::uint32_t kMaxBanks = 8;

void put_le(Bytes& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

// "Spec ID Event03" with one bank: what firmware's log begins with.
Bytes header() {
    Bytes data = to_bytes(std::string_view("Spec ID Event03\0", 16));
    put_le(data, 0, 4);
    data.append(Bytes{0, 2, 0, 2});
    put_le(data, 1, 4);
    put_le(data, kSha384, 2);
    put_le(data, kDigestSize, 2);
    data.push_back(0);
    Bytes out;
    put_le(out, 1, 4);
    put_le(out, 3, 4);  // EV_NO_ACTION
    out.append(ByteArray<20>{});
    put_le(out, data.size(), 4);
    out.append(data);
    return out;
}

Bytes record_of(Rtmr rtmr, ByteView digest, ByteView data) {
    Bytes out;
    put_le(out, static_cast<std::uint32_t>(rtmr) + 1U, 4);
    put_le(out, kRuntimeEvent, 4);
    put_le(out, 1, 4);
    put_le(out, kSha384, 2);
    out.append(digest);
    put_le(out, data.size(), 4);
    out.append(data);
    return out;
}

bool is_event_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxEventName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::string register_path(Rtmr rtmr) {
    return kMeasurements + "/rtmr" + std::to_string(static_cast<unsigned>(rtmr)) + ":sha384";
}

Result<Bytes> read_register(Files& files, Rtmr rtmr) {
    auto value = files.read(register_path(rtmr), kDigestSize);
    if (!value && value.error() == ENOENT)
        return fail(kNone, "this kernel cannot extend measurement registers (Linux 6.16 can)");
    if (!value) return refused(register_path(rtmr), value.error());
    if (value->size() != kDigestSize) return fail(kFailed, "a register of another size");
    return std::move(*value);
}

// Sizes of the digests of each event, from the header event.
struct Bank {
    std::uint16_t id;
    std::uint16_t size;
};

Result<std::vector<Bank>> read_banks(wire::Reader& in) {
    OPENPCC_CHECK(in.take(28));
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    OPENPCC_TRY(const ByteView data, in.take(size));
    wire::Reader header(data);
    OPENPCC_TRY(const ByteView signature, header.take(16));
    if (as_text(signature) != std::string_view("Spec ID Event03\0", 16)) return fail(kFailed, "no crypto-agile log");
    OPENPCC_CHECK(header.take(8));
    OPENPCC_TRY(const auto count, header.number_le<std::uint32_t>());
    if (count == 0 || count > kMaxBanks) return fail(kFailed, "no bank, or too many");
    std::vector<Bank> out;
    for (std::uint32_t i = 0; i < count; ++i) {
        Bank bank{};
        OPENPCC_TRY(bank.id, header.number_le<std::uint16_t>());
        OPENPCC_TRY(bank.size, header.number_le<std::uint16_t>());
        out.push_back(bank);
    }
    return out;
}

bool is_padding(ByteView rest) {
    const auto first = std::ranges::find_if(rest, [](std::uint8_t byte) { return byte != 0xff; });
    const auto ones = static_cast<std::size_t>(first - rest.begin());
    return std::ranges::all_of(rest.subspan(ones), [](std::uint8_t byte) { return byte == 0; }) &&
           (ones == 0 || ones == rest.size() || ones >= 4);
}

Result<void> skip_event(wire::Reader& in, const std::vector<Bank>& banks) {
    OPENPCC_CHECK(in.take(8));
    OPENPCC_TRY(const auto count, in.number_le<std::uint32_t>());
    if (count != banks.size()) return fail(kFailed, "an event has not the digests of the header");
    for (std::uint32_t i = 0; i < count; ++i) {
        OPENPCC_TRY(const auto id, in.number_le<std::uint16_t>());
        const auto bank = std::ranges::find(banks, id, &Bank::id);
        if (bank == banks.end()) return fail(kFailed, "a digest that the header does not name");
        OPENPCC_CHECK(in.take(bank->size));
    }
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    OPENPCC_CHECK(in.take(size));
    return {};
}

}  // namespace

Result<std::size_t> end_of_log(ByteView log) {
    const auto walk = [&]() -> Result<std::size_t> {
        wire::Reader in(log);
        OPENPCC_TRY(const auto banks, read_banks(in));
        // All of the rest is looked at where twelve bytes can be padding. Those are no event (it has no digest), so
        // that this happens once.
        while (!in.done()) {
            const ByteView rest = log.subspan(in.at());
            const std::size_t look = std::min<std::size_t>(rest.size(), 12);
            if (is_padding(rest.first(look)) && is_padding(rest)) break;
            OPENPCC_CHECK(skip_event(in, banks));
        }
        return in.at();
    };
    const auto end = walk();
    return end ? end : fail(kFailed, "firmware's event log cannot be read");
}

Result<Bytes> read_ccel(Files& files) {
    auto log = files.read(kCcel, kMaxEventLog);
    if (log) return std::move(*log);
    if (log.error() == ENOENT) return fail(kNone, "firmware has left no event log (ACPI CCEL)");
    return refused(kCcel, log.error());
}

Result<void> RuntimeLog::extend(Rtmr rtmr, std::string_view event, ByteView payload) {
    if (!is_event_name(event)) return fail(kNotExtended, "no name of an event");
    if (payload.size() > kMaxEventPayload) return fail(kNotExtended, "too much payload");
    const Bytes data = concat(as_bytes(event), as_bytes(":"), payload);
    Bytes measured;
    put_le(measured, kRuntimeEvent, 4);
    measured.append(as_bytes(":"));
    measured.append(data);
    const auto digest = crypto::sha384(measured);
    const auto lock = files_.lock(path_);
    if (!lock) return refused(path_, lock.error());
    return extend_locked(rtmr, record_of(rtmr, digest, data), digest);
}

Result<void> RuntimeLog::extend_locked(Rtmr rtmr, ByteView record, ByteView digest) {
    OPENPCC_TRY(const Bytes before, read_register(files_, rtmr));
    const auto log = files_.read(path_, kMaxEventLog);
    if (!log) return refused(path_, log.error());
    if (log->size() + record.size() > kMaxEventLog) return fail(kNotExtended, "the log is full");
    const auto take_back = [&](std::unexpected<Error> error) -> Result<void> {
        const auto cut = files_.cut(path_, log->size());
        if (!cut) return fail(kNotExtended, "the log has an event that its register has not");
        return error;
    };
    if (const auto put = files_.append(path_, record); !put) return take_back(refused(path_, put.error()));
    if (const auto put = files_.write(register_path(rtmr), digest); !put)
        return take_back(refused(register_path(rtmr), put.error()));
    OPENPCC_TRY(const Bytes after, read_register(files_, rtmr));
    if (!equal(after, crypto::sha384(concat(before, digest))))
        return fail(kNotExtended, "the register is not what this event makes of it: somebody else extends it");
    return {};
}

Result<Bytes> RuntimeLog::whole() {
    const auto lock = files_.lock(path_);
    if (!lock) return refused(path_, lock.error());
    const auto own = files_.read(path_, kMaxEventLog);
    if (!own) return refused(path_, own.error());
    auto firmware = read_ccel(files_);
    if (!firmware && firmware.error() != kNone) return firmware;
    if (!firmware) return concat(header(), *own);
    OPENPCC_TRY(const std::size_t end, end_of_log(*firmware));
    return concat(firmware->view().first(end), *own);
}

}  // namespace openpcc::device
