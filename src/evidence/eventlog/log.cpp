// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/log.hpp"

#include <algorithm>
#include <bitset>
#include <optional>

#include "core/assert.hpp"
#include "wire/reader.hpp"

namespace openpcc::eventlog {

namespace {

constexpr std::size_t kMaxBanks = 8;
constexpr std::size_t kMaxDigest = 64;
constexpr std::uint16_t kSha1 = 0x0004;
constexpr std::string_view kSignature{"Spec ID Event03\0", 16};

std::unexpected<Error> bad(std::string text) { return fail(kMalformed, std::move(text)); }

bool is_usable(std::uint16_t id) {
    return id == static_cast<std::uint16_t>(Bank::kSha256) || id == static_cast<std::uint16_t>(Bank::kSha384) ||
           id == static_cast<std::uint16_t>(Bank::kSha512);
}

// The size that the TCG registry gives an algorithm; 0: not known here.
std::size_t registered_size(std::uint16_t id) {
    switch (id) {
        case kSha1:
            return 20;
        case 0x000b:  // SHA-256
        case 0x0012:  // SM3
        case 0x0027:  // SHA3-256
            return 32;
        case 0x000c:  // SHA-384
        case 0x0028:  // SHA3-384
            return 48;
        case 0x000d:  // SHA-512
        case 0x0029:  // SHA3-512
            return 64;
        default:
            return 0;
    }
}

// FirstRecord is a record of TCG 1.2: the header event of every log has this shape, and all events of old logs.
struct FirstRecord {
    std::uint32_t index = 0;
    std::uint32_t type = 0;
    ByteArray<20> digest;
    ByteView data;
};

Result<FirstRecord> take_first(wire::Reader& in) {
    FirstRecord out;
    OPENPCC_TRY(out.index, in.number_le<std::uint32_t>());
    OPENPCC_TRY(out.type, in.number_le<std::uint32_t>());
    OPENPCC_TRY(out.digest, in.array<ByteArray<20>>());
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    OPENPCC_TRY(out.data, in.take(size));
    return out;
}

// Padding says where the zeros or 0xff bytes begin that fill up what firmware has reserved. Both are found once: a
// search behind every event would be quadratic.
class Padding {
  public:
    explicit Padding(ByteView bytes) : size_(bytes.size()) {
        zeros_ = start_of_run(bytes, size_, 0x00);
        ones_ = start_of_run(bytes, zeros_, 0xff);
    }
    // Fewer than four bytes of 0xff mark no end, unless there is no room for more.
    bool at(std::size_t at) const { return at >= ones_ && (at >= zeros_ || zeros_ == size_ || zeros_ - at >= 4); }

  private:
    static std::size_t start_of_run(ByteView bytes, std::size_t end, std::uint8_t byte) {
        while (end > 0 && bytes[end - 1] == byte) --end;
        return end;
    }
    std::size_t size_;
    std::size_t zeros_;
    std::size_t ones_;
};

// A log of TCG 1.2 has no header that says so: it is one when all of it reads as such records.
bool is_sha1_log(ByteView bytes) {
    const Padding padding(bytes);
    wire::Reader in(bytes);
    std::size_t count = 0;
    for (; !padding.at(in.at()); ++count) {
        const auto record = take_first(in);
        if (!record || record->index >= kRegisters) return false;
    }
    return count > 0;
}

}  // namespace

// LogReader fills one Log.
class LogReader {
  public:
    explicit LogReader(ByteView bytes) : bytes_(bytes), in_(bytes), padding_(bytes) {}

    Result<Log> read() {
        OPENPCC_CHECK(read_header());
        while (!padding_.at(in_.at())) {
            if (log_.events_.size() == kMaxEvents) return fail(kTooLarge, "too many events");
            const auto event = take_event();
            if (!event)
                return event.error() == kMalformed ? std::unexpected(event.error()) : bad("an event is cut off");
            log_.events_.push_back(*event);
        }
        log_.bytes_ = Bytes(bytes_.first(in_.at()));
        return std::move(log_);
    }

  private:
    Result<void> read_header();
    Result<void> read_spec_id(ByteView data);
    Result<Event> take_event();
    Result<void> take_digests(std::uint32_t count);

    ByteView bytes_;
    wire::Reader in_;
    Padding padding_;
    Log log_;
};

// PFP 10.4.5.1 "Specification ID Version Event".
Result<void> LogReader::read_header() {
    const auto first = take_first(in_);
    if (!first || !as_text(first->data).starts_with(kSignature)) {
        if (is_sha1_log(bytes_)) return fail(kSha1Only, "the format of TCG 1.2");
        if (as_text(bytes_).starts_with("CCEL")) return bad("the ACPI table that points at a log, and no log");
        return bad("no \"Spec ID Event03\" at the beginning");
    }
    // CC_MEASUREMENT logs of OVMF have the header under register 1.
    if (first->index > 1 || first->type != kNoAction || first->digest != ByteArray<20>{})
        return bad("the header event is none");
    const auto read = read_spec_id(first->data.subspan(kSignature.size()));
    if (read || read.error() == kMalformed || read.error() == kSha1Only) return read;
    return bad("the header event is cut off");
}

Result<void> LogReader::read_spec_id(ByteView data) {
    wire::Reader in(data);
    OPENPCC_CHECK(in.take(4));  // platform class
    OPENPCC_TRY(const ByteView version, in.take(3));
    if (version[0] != 0 || version[1] != 2) return bad("version of the format is not 2.0");
    OPENPCC_TRY(const auto word, in.u8());
    if (word != 1 && word != 2) return bad("size of UINTN is neither 1 nor 2");
    OPENPCC_TRY(const auto count, in.number_le<std::uint32_t>());
    if (count == 0 || count > kMaxBanks) return bad("no bank, or too many");
    bool usable = false;
    for (std::uint32_t i = 0; i < count; ++i) {
        Log::Algorithm next;
        OPENPCC_TRY(next.id, in.number_le<std::uint16_t>());
        OPENPCC_TRY(next.size, in.number_le<std::uint16_t>());
        const std::size_t registered = registered_size(next.id);
        if (next.size == 0 || next.size > kMaxDigest || (registered != 0 && next.size != registered))
            return bad("a digest of a wrong size");
        if (std::ranges::find(log_.algorithms_, next.id, &Log::Algorithm::id) != log_.algorithms_.end())
            return bad("a bank twice");
        log_.algorithms_.push_back(next);
        usable = usable || is_usable(next.id);
    }
    OPENPCC_CHECK(in.vec8());  // vendor's
    if (!in.done()) return bad("bytes behind the header event");
    return usable ? Result<void>{} : Result<void>(fail(kSha1Only, "no bank of the SHA-2 family"));
}

// PFP 10.2.2 "TCG_PCR_EVENT2".
Result<Event> LogReader::take_event() {
    Event out;
    OPENPCC_TRY(out.index, in_.number_le<std::uint32_t>());
    OPENPCC_TRY(out.type, in_.number_le<std::uint32_t>());
    OPENPCC_TRY(const auto count, in_.number_le<std::uint32_t>());
    if (out.index >= kRegisters) return bad("a register beyond 23");
    out.digests_at = static_cast<std::uint32_t>(in_.at());
    OPENPCC_CHECK(take_digests(count));
    OPENPCC_TRY(out.data_size, in_.number_le<std::uint32_t>());
    out.data_at = static_cast<std::uint32_t>(in_.at());
    OPENPCC_CHECK(in_.take(out.data_size));
    return out;
}

// Each bank of the header once: with a digest left out or given twice, two readers would replay two histories.
Result<void> LogReader::take_digests(std::uint32_t count) {
    if (count != log_.algorithms_.size()) return bad("an event has not the digests of the header");
    std::bitset<kMaxBanks> seen;
    for (std::uint32_t i = 0; i < count; ++i) {
        OPENPCC_TRY(const auto id, in_.number_le<std::uint16_t>());
        const auto algorithm = std::ranges::find(log_.algorithms_, id, &Log::Algorithm::id);
        if (algorithm == log_.algorithms_.end()) return bad("an event has a digest that the header does not name");
        const auto place = static_cast<std::size_t>(algorithm - log_.algorithms_.begin());
        if (seen.test(place)) return bad("an event has a digest twice");
        seen.set(place);
        OPENPCC_CHECK(in_.take(algorithm->size));
    }
    return {};
}

Result<Log> Log::parse(ByteView bytes) {
    if (bytes.size() > kMaxLog) return fail(kTooLarge, "more than 1 MiB");
    return LogReader(bytes).read();
}

bool Log::has(Bank bank) const {
    return std::ranges::find(algorithms_, static_cast<std::uint16_t>(bank), &Algorithm::id) != algorithms_.end();
}

ByteView Log::digest(const Event& event, Bank bank) const {
    std::size_t at = event.digests_at;
    for (std::size_t i = 0; i < algorithms_.size(); ++i) {
        const auto id = static_cast<std::uint16_t>(bytes_[at] | bytes_[at + 1] << 8);
        const auto algorithm = std::ranges::find(algorithms_, id, &Algorithm::id);
        if (id == static_cast<std::uint16_t>(bank)) return bytes_.view().subspan(at + 2, algorithm->size);
        at += 2U + algorithm->size;
    }
    OPENPCC_ASSERT(false);
}

}  // namespace openpcc::eventlog
