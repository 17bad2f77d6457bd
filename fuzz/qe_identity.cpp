// SPDX-License-Identifier: Apache-2.0
// The TD quoting enclave's identity: the envelope that holds it, and the value.
#include "core/assert.hpp"
#include "evidence/tdx/signed_json.hpp"
#include "evidence/tdx/tcb_info.hpp"

namespace openpcc::tdx {
namespace {

void check_value(ByteView value) {
    const auto parsed = QeIdentity::parse(value);
    if (!parsed) return;
    const QeIdentity& identity = parsed->claimed();
    OPENPCC_ASSERT(!identity.levels.empty() && identity.levels.size() <= kMaxLevels);
    for (const SvnLevel& level : identity.levels)
        OPENPCC_ASSERT(level.grade.status == TcbStatus::kUpToDate || level.grade.status == TcbStatus::kOutOfDate ||
                       level.grade.status == TcbStatus::kRevoked);
}

void check(ByteView bytes) {
    check_value(bytes);
    if (const auto envelope = Envelope::parse(bytes, "enclaveIdentity")) check_value(envelope->value);
}

}  // namespace
}  // namespace openpcc::tdx

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::tdx::check({data, size});
    return 0;
}
