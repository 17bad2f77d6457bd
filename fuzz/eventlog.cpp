// SPDX-License-Identifier: Apache-2.0
// Event logs: what parses keeps within its bounds, replays under either layout or is refused, and no log is verified
// against registers that it did not give.
#include "core/assert.hpp"
#include "evidence/eventlog/digests.hpp"
#include "evidence/eventlog/judge.hpp"

namespace openpcc::eventlog {
namespace {

using Rtmrs = std::array<ByteArray<48>, 4>;

void check_log(const Log& log, ByteView bytes) {
    OPENPCC_ASSERT(bytes.size() <= kMaxLog && log.events().size() <= kMaxEvents);
    std::size_t size = 0;
    for (const Event& event : log.events()) {
        OPENPCC_ASSERT(event.index < kRegisters);
        size += log.data(event).size();
    }
    OPENPCC_ASSERT(size <= bytes.size());
    for (const Bank bank : {Bank::kSha256, Bank::kSha384, Bank::kSha512})
        for (const Layout layout : {Layout::kPcr, Layout::kTdx}) {
            const auto registers = replay(log, bank, layout);
            if (!registers) continue;
            OPENPCC_ASSERT(log.has(bank));
            const Findings findings = examine(log, bank, layout);
            OPENPCC_ASSERT(findings.equal + findings.differing <= log.events().size());
        }
}

void check(ByteView bytes) {
    Rtmrs rtmrs{};
    const auto log = Log::parse(bytes);
    if (log) check_log(*log, bytes);
    const auto registers = log ? replay(*log, Bank::kSha384, Layout::kTdx) : Result<Registers>(fail(kMalformed));
    if (registers)
        for (std::size_t i = 0; i < rtmrs.size(); ++i) rtmrs[i] = ByteArray<48>::from_view(registers->values[i + 1]);
    Verdict own;
    OPENPCC_ASSERT(judge_tdx_log(bytes, rtmrs, own).has_value() == registers.has_value());
    rtmrs[3].bytes[0] ^= 1;
    Verdict other;
    OPENPCC_ASSERT(!judge_tdx_log(bytes, rtmrs, other) && !other.good());
    OPENPCC_ASSERT(own.checks().size() == checks().size() && other.checks().size() == checks().size());
}

}  // namespace
}  // namespace openpcc::eventlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::eventlog::check({data, size});
    return 0;
}
