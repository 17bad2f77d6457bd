// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trust/policy/members.hpp"
#include "trust/policy/policy.hpp"

// The inside of trust/policy: the JSON form of each part of a policy. What a reader accepts, the writer beside it
// writes.
namespace openpcc::policy {

Result<Measurement> read_measurement(const json::Value& value, const std::string& path);
json::Value write_measurement(const TdxMeasurement& measurement);
json::Value write_measurement(const SnpMeasurement& measurement);

Result<tdx::Rules> read_tdx_rules(Members& members);
json::Value write_tdx_rules(const tdx::Rules& rules);

Result<snp::Rules> read_snp_rules(Members& members);
json::Value write_snp_rules(const snp::Rules& rules);

Result<evidence::CollateralAge> read_collateral_age(Members& members);
json::Value write_collateral_age(const evidence::CollateralAge& age);

// read_must reads what one bit has to be.
Result<evidence::Must> read_must(Members& members, std::string_view name);

// read_bits reads an object that names every bit of the table, and nothing else.
template <class Table>
auto read_bits(Members& members, std::string_view name, const Table& table)
    -> Result<std::array<evidence::Must, std::tuple_size_v<Table>>> {
    OPENPCC_TRY(auto bits, members.object(name));
    std::array<evidence::Must, std::tuple_size_v<Table>> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        OPENPCC_TRY(out[i], read_must(bits, table[i].name));
    }
    OPENPCC_CHECK(bits.finish());
    return out;
}
template <class Table, class Bits>
json::Value write_bits(const Table& table, const Bits& bits) {
    auto out = json::Value::object();
    for (std::size_t i = 0; i < bits.size(); ++i) out.set(table[i].name, write_text(to_string(bits[i])));
    return out;
}

}  // namespace openpcc::policy
