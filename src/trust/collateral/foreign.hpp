// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/x509/x509.hpp"
#include "trust/collateral/collection.hpp"
#include "wire/json.hpp"

// Reading what others write: caches and verifiers of Intel's collateral (PCCS, dcap-qvl, teepot), answers of Intel's
// service as they came, revocation lists, certificates, and files of ours.
namespace openpcc::collateral {

inline constexpr std::size_t kMaxForeign = 1 << 20;  // of one input that is not ours

// Remark is about an input, or a part of it, that is not in what was packed.
struct Remark {
    enum class Kind : std::uint8_t {
        kLeftOut,  // known, and of no use here
        kUnknown,  // nobody can say what it is, or it cannot be read
    };
    Kind kind;
    std::string input;  // the name that the caller gave
    std::string text;
};

struct Packed {
    Collection collection;
    std::vector<Remark> remarks;
};

// Packer gathers inputs of any known form, in any order, and joins them: an answer that came without its issuer chain
// gets one from the certificates among the inputs (and the pinned root of Intel), by whose key it is signed. `fetched`
// is the date of the newest thing inside, for nothing else is known, or the date of an input of ours when that is
// later.
class Packer {
  public:
    void add(std::string name, ByteView input);
    Packed finish() &&;

  private:
    // Loose is an answer of Intel's service that came without its issuer chain.
    struct Loose {
        std::string input;
        Bytes json;
    };
    void add_collection(const std::string& name, ByteView input);
    void add_answer(const std::string& name, ByteView input);
    void add_json(const std::string& name, ByteView input);
    void add_parts(const std::string& name, const json::Value& parts);
    void add_body(const std::string& name, std::string_view body, std::string_view issuer_chain);
    void add_crl(const std::string& name, ByteView bytes);
    bool add_certificates(ByteView bytes);
    void keep_body(const std::string& name, Bytes body, Bytes issuer_chain);
    std::optional<Bytes> chain_for(ByteView body) const;
    void remark(Remark::Kind kind, const std::string& name, std::string text);

    Packed packed_;
    std::vector<Loose> loose_;
    std::vector<x509::Certificate> certificates_;
};

}  // namespace openpcc::collateral
