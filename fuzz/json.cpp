// SPDX-License-Identifier: Apache-2.0
// JSON: what was read can be written and reads the same again; no member is there twice; depth is bounded.
#include "wire/json.hpp"

#include <algorithm>
#include <set>

#include "core/assert.hpp"

namespace openpcc::json {
namespace {

bool same(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
        case Value::Kind::kNull:
            return true;
        case Value::Kind::kBool:
            return a.as_bool() == b.as_bool();
        case Value::Kind::kNumber:
            return a.to_text() == b.to_text();
        case Value::Kind::kString:
            return a.as_string() == b.as_string();
        case Value::Kind::kArray:
            return std::ranges::equal(a.elements(), b.elements(), same);
        case Value::Kind::kObject:
            return std::ranges::equal(a.members(), b.members(), [](const Member& left, const Member& right) {
                return left.first == right.first && same(left.second, right.second);
            });
    }
    return false;
}

void check_tree(const Value& value, std::size_t depth) {
    if (value.is_object() || value.is_array()) OPENPCC_ASSERT(depth < kMaxDepth);
    std::set<std::string_view> names;
    for (const auto& [name, member] : value.members()) {
        OPENPCC_ASSERT(names.insert(name).second);
        OPENPCC_ASSERT(value.get(name) == &member);
        check_tree(member, depth + 1);
    }
    for (const Value& element : value.elements()) check_tree(element, depth + 1);
    if (value.kind() != Value::Kind::kNumber) return;
    if (const auto integer = value.as_int()) OPENPCC_ASSERT(Value::integer(*integer).as_int() == integer);
    (void)value.as_double();
}

void check(ByteView bytes) {
    const auto value = parse(bytes);
    if (!value) return;
    check_tree(*value, 0);
    OPENPCC_ASSERT(same(value->clone(), *value));
    const std::string written = value->to_text();
    const auto again = parse(as_bytes(written));
    OPENPCC_ASSERT(again && same(*again, *value) && again->to_text() == written);
    for (std::size_t i = 0; i < written.size(); ++i) OPENPCC_ASSERT(static_cast<unsigned char>(written[i]) >= 0x20);
}

}  // namespace
}  // namespace openpcc::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::json::check({data, size});
    return 0;
}
