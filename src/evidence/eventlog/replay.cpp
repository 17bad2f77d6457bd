// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/replay.hpp"

#include <algorithm>

namespace openpcc::eventlog {

namespace {

constexpr std::uint32_t kTdxRegisters = 5;
constexpr std::string_view kStartupLocality{"StartupLocality\0", 16};
constexpr std::uint8_t kMaxLocality = 4;

std::unexpected<Error> bad(std::string text) { return fail(kMalformed, std::move(text)); }

Registers start(Bank bank, Layout layout) {
    Registers out;
    const std::size_t size = crypto::digest_size(hash_of(bank));
    out.values.assign(layout == Layout::kTdx ? kTdxRegisters : kRegisters, Bytes(size));
    // Registers of a dynamic launch, which nobody has made: only a launch sets them to zero.
    if (layout == Layout::kPcr)
        for (std::size_t pcr = 17; pcr <= 22; ++pcr) std::ranges::fill(out.values[pcr].span(), std::uint8_t{0xff});
    return out;
}

bool is_startup_locality(const Log& log, const Event& event) {
    return event.type == kNoAction && as_text(log.data(event)).starts_with(kStartupLocality);
}

Result<void> start_at_locality(const Log& log, const Event& event, Registers& out, bool& seen) {
    const ByteView data = log.data(event);
    if (event.index != 0 || data.size() != kStartupLocality.size() + 1 || data.back() > kMaxLocality)
        return bad("a StartupLocality event of another form");
    if (seen || out.extended.test(0)) return bad("a StartupLocality event twice, or after PCR 0 was extended");
    seen = true;
    out.values[0].span().back() = data.back();
    return {};
}

}  // namespace

crypto::Hash hash_of(Bank bank) {
    switch (bank) {
        case Bank::kSha256:
            return crypto::Hash::kSha256;
        case Bank::kSha384:
            return crypto::Hash::kSha384;
        case Bank::kSha512:
            return crypto::Hash::kSha512;
    }
    return crypto::Hash::kSha512;
}

Result<Registers> replay(const Log& log, Bank bank, Layout layout) {
    if (!log.has(bank)) return bad("the log has no digests of this bank");
    Registers out = start(bank, layout);
    bool startup_seen = false;
    for (const Event& event : log.events()) {
        if (event.index >= out.values.size()) return bad("a register that this kind of log does not have");
        if (layout == Layout::kPcr && is_startup_locality(log, event))
            OPENPCC_CHECK(start_at_locality(log, event, out, startup_seen));
        if (event.type == kNoAction) continue;
        if (layout == Layout::kTdx && event.index == 0) return bad("an event for MRTD, which no event extends");
        Bytes& value = out.values[event.index];
        value = crypto::digest(hash_of(bank), {value, log.digest(event, bank)});
        out.extended.set(event.index);
    }
    return out;
}

}  // namespace openpcc::eventlog
