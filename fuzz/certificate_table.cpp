// SPDX-License-Identifier: Apache-2.0
// What a host puts beside reports, and what firmware leaves as its event log: read within bounds, or refused.
#include "io/device/certificate_table.hpp"
#include "core/assert.hpp"
#include "io/device/runtime_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openpcc;
    const ByteView bytes(data, size);
    if (const auto table = device::parse_certificate_table(bytes)) {
        std::size_t content = 0;
        for (const auto& entry : *table) content += entry.content.size();
        OPENPCC_ASSERT(table->size() <= 16 && content <= size);
        const auto chain = device::chain_of(*table);
        OPENPCC_ASSERT(chain.empty() || chain.size() == 2);
    }
    if (const auto end = device::end_of_log(bytes)) OPENPCC_ASSERT(*end <= size && *end >= 32);
    return 0;
}
