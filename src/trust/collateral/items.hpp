// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/collateral/collection.hpp"

// What the items of a collection say of themselves. Nobody's signature is checked here: this is for showing, sorting
// and merging, and a verdict never rests on it.
namespace openpcc::collateral {

// Body is what an answer of Intel's service says of itself (PCS API v4: TCB info, enclave identity).
struct Body {
    std::string id;               // "TDX", "SGX"; "TD_QE", "QE", "QVE"
    std::string fmspc;            // lower-case hex; empty for identities
    std::int64_t evaluation = 0;  // tcbEvaluationDataNumber
    TimePoint issued;
    TimePoint next_update;
};
// collateral.malformed when the text is not an answer of that kind.
Result<Body> read_tcb_info(ByteView json);
Result<Body> read_identity(ByteView json);

enum class Kind : std::uint8_t { kTcbInfo, kQeIdentity, kCrl };
std::string_view to_string(Kind kind);  // "tcb_info", "qe_identity", "crl"

// Item is one line of what is inside. An item that cannot be read has `problem`, and neither dates nor a subject.
struct Item {
    std::string_view section;  // "snp", "tdx"
    Kind kind = Kind::kCrl;
    std::string subject;  // FMSPC, identity, or who issued the revocation list
    std::optional<std::int64_t> evaluation;
    std::optional<TimePoint> issued;
    std::optional<TimePoint> next_update;
    std::string signer;  // common name of who signed it, as it says
    std::optional<std::size_t> revoked;
    Digest256 hash;  // SHA-256 of the body, or of the DER
    std::string problem;
};
// items_of lists everything, section by section, in the order of the file form's members.
std::vector<Item> items_of(const Collection& collection);

// section_of says whose revocation list it is by its issuer's name; empty for a stranger's.
std::string_view section_of(std::string_view issuer_common_name);

}  // namespace openpcc::collateral
