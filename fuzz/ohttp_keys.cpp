// SPDX-License-Identifier: Apache-2.0
// Bodies of application/ohttp-keys: what was read can be written and reads the same again, and a choice is one of it.
#include <algorithm>

#include "core/assert.hpp"
#include "protocol/ohttp/key_config.hpp"

namespace openpcc::ohttp {
namespace {

bool same(const KeyConfig& a, const KeyConfig& b) {
    return a.key_id == b.key_id && a.suites == b.suites && a.key.kem() == b.key.kem() &&
           equal(a.key.bytes(), b.key.bytes());
}

void check(ByteView body) {
    const auto configs = parse_key_configs(body);
    if (!configs || configs->empty()) return;
    const Bytes written = encode_key_configs(*configs);
    OPENPCC_ASSERT(written.size() <= body.size());  // entries of unknown KEMs are passed over
    const auto again = parse_key_configs(written);
    OPENPCC_ASSERT(again && std::ranges::equal(*again, *configs, same));
    const auto choice = choose(*configs);
    if (!choice) return;
    OPENPCC_ASSERT(choice->config.offers(choice->suite));
    OPENPCC_ASSERT(std::ranges::count_if(*configs, [&](const auto& one) { return same(one, choice->config); }) == 1);
}

}  // namespace
}  // namespace openpcc::ohttp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::ohttp::check({data, size});
    return 0;
}
