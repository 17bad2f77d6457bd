// SPDX-License-Identifier: Apache-2.0
// Statements and bundles: what was read is written again byte by byte, and its hashes exist.
#include "trust/statement/statement.hpp"
#include "core/assert.hpp"

namespace openpcc::statement {
namespace {

void check(ByteView bytes) {
    if (const auto core = Core::parse(bytes)) {
        OPENPCC_ASSERT(equal(core->encode(), bytes));
        OPENPCC_ASSERT(!Statement::parse(bytes));  // a core is no statement
    }
    if (const auto statement = Statement::parse(bytes)) {
        OPENPCC_ASSERT(equal(statement->encode(), bytes));
        Core renewed = statement->core;
        renewed.freshness = {Freshness::Kind::kChallenge, Challenge{{1}}, {}};
        OPENPCC_ASSERT(renewed.name() == statement->core.name());
        OPENPCC_ASSERT(statement->report_data(TeeType::kTdx) != statement->report_data(TeeType::kSnp));
    }
    if (const auto bundle = Bundle::parse(bytes)) {
        OPENPCC_ASSERT(equal(bundle->claimed().encode(), bytes));
        (void)devices_digest(bundle->claimed().devices);
    }
}

}  // namespace
}  // namespace openpcc::statement

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::statement::check({data, size});
    return 0;
}
