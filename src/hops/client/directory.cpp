// SPDX-License-Identifier: Apache-2.0
#include "hops/client/directory.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "hops/client/errors.hpp"
#include "protocol/seal/key.hpp"
#include "wire/json.hpp"

namespace openpcc::client {

Result<Directory> Directory::parse(ByteView bytes) {
    OPENPCC_TRY(const auto document, json::parse(bytes));
    const json::Value* nodes = document.get("nodes");
    if (nodes == nullptr || !nodes->is_array() || nodes->elements().size() > kMaxNodes) return fail(kBadDirectory);
    Directory out;
    for (const json::Value& node : nodes->elements()) {
        const json::Value* statement = node.get("statement");
        const auto text = statement == nullptr ? std::nullopt : statement->as_string();
        OPENPCC_TRY(const auto name, array_from_hex<seal::StatementName>(text.value_or("")));
        // One that stands twice would be drawn more often than the others.
        if (std::ranges::find(out.statements, to_hex(name)) != out.statements.end()) return fail(kBadDirectory);
        out.statements.push_back(to_hex(name));
    }
    if (const json::Value* collateral = document.get("collateral")) {
        OPENPCC_TRY(out.collateral, array_from_hex<Digest256>(collateral->as_string().value_or("")));
    }
    return out;
}

}  // namespace openpcc::client
