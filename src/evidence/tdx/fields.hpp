// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "core/time.hpp"
#include "evidence/tdx/errors.hpp"
#include "evidence/tdx/rules.hpp"
#include "evidence/tdx/tree.hpp"

// Reading of Intel's signed JSON. Inside evidence/tdx only. Whatever is missing, unknown, of another type or out of
// range is tdx.bad_collateral: a member that this code does not know may be one that narrows what the others say, as
// tdxModuleIdentities did when it came into version 3 of TCB info.
namespace openpcc::tdx {

inline std::unexpected<Error> bad_collateral(std::string_view why) { return fail(kBadCollateral, std::string(why)); }

// Fields reads the members of one object, each once; `finish` refuses the object that has others.
class Fields {
  public:
    static Result<Fields> of(Node node);

    std::optional<Node> optional(std::string_view name);
    Result<Node> need(std::string_view name);
    Result<std::string_view> text(std::string_view name);
    Result<std::uint64_t> number(std::string_view name, std::uint64_t limit);
    Result<TimePoint> moment(std::string_view name);
    // list is of at most `limit` elements.
    Result<Node> list(std::string_view name, std::size_t limit);
    template <class Array>
    Result<Array> hex(std::string_view name) {
        OPENPCC_TRY(const std::string_view digits, text(name));
        auto out = array_from_hex<Array>(digits);
        if (!out) return bad_collateral("not as many hex digits as it must have");
        return *out;
    }
    Result<void> finish() const;

  private:
    explicit Fields(Node node) : node_(node) {}
    Node node_;
    std::size_t read_ = 0;
};

// Grade is what TCB info and identities say of a security version: status, since when, and the advisories that it
// leaves open.
struct Grade {
    TcbStatus status = TcbStatus::kRevoked;
    TimePoint date;
    std::vector<std::string> advisories;
    friend bool operator==(const Grade&, const Grade&) = default;
};
enum class Statuses { kPlatform, kEnclave };  // which ones may occur: an enclave or module knows three
Result<Grade> read_grade(Fields& level, Statuses allowed);

// SvnLevel is one level of an enclave or a TDX module, by its ISVSVN alone.
struct SvnLevel {
    std::uint16_t isv_svn = 0;
    Grade grade;
    friend bool operator==(const SvnLevel&, const SvnLevel&) = default;
};
inline constexpr std::size_t kMaxLevels = 128;
// read_svn_levels reads `tcbLevels` in the order in which they are signed: at least one.
Result<std::vector<SvnLevel>> read_svn_levels(Fields& owner);

}  // namespace openpcc::tdx
