// SPDX-License-Identifier: Apache-2.0
#pragma once

// What tests of collateral share: a vendor of their own, which signs answers and revocation lists of any content.

#include <string>

#include "core/text.hpp"
#include "crypto/x509/x509.hpp"
#include "trust/collateral/collection.hpp"
#include "trust/collateral/forms.hpp"

namespace openpcc::collateral::testing {

inline TimePoint day(int number) { return parse_rfc3339("2026-11-01T00:00:00Z").value() + std::chrono::days(number); }

struct Vendor {
    crypto::SigningKey root_key = crypto::SigningKey::generate_p256();
    crypto::SigningKey key = crypto::SigningKey::generate_p256();
    x509::Certificate root;
    x509::Certificate signing;

    explicit Vendor(const std::string& root_name = "Test SGX Root CA")
        : root(x509::make_certificate(
                   {.common_name = root_name, .not_before = day(-1000), .not_after = day(9000), .is_ca = true},
                   root_key.verifying_key(), nullptr, root_key)
                   .value()),
          signing(
              x509::make_certificate(
                  {.common_name = "Test TCB Signing", .not_before = day(-1000), .not_after = day(9000), .serial = 2},
                  key.verifying_key(), &root, root_key)
                  .value()) {}

    Bytes chain() const { return pem_of({signing, root}); }
    std::string sign(std::string_view object) const {
        return to_hex(key.sign(crypto::Scheme::kEcdsaP256Sha256, as_bytes(object)).value());
    }
    std::string answer(const std::string& name, const std::string& object) const {
        return "{\"" + name + "\":" + object + ",\"signature\":\"" + sign(object) + "\"}";
    }
    static std::string dates(TimePoint issued) {
        return R"("issueDate":")" + to_rfc3339(issued) + R"(","nextUpdate":")" +
               to_rfc3339(issued + std::chrono::days(30)) + "\"";
    }
    // The members that collections look at, and one that they do not.
    static std::string tcb_object(const std::string& fmspc, TimePoint issued, int evaluation = 17,
                                  const std::string& id = "TDX") {
        return R"({"id":")" + id + R"(","version":3,)" + dates(issued) + R"(,"fmspc":")" + fmspc +
               R"(","tcbEvaluationDataNumber":)" + std::to_string(evaluation) + R"(,"tcbLevels":[]})";
    }
    static std::string identity_object(TimePoint issued, const std::string& id = "TD_QE") {
        return R"({"id":")" + id + R"(","version":2,)" + dates(issued) + R"(,"tcbEvaluationDataNumber":17})";
    }
    std::string tcb_info(const std::string& fmspc, TimePoint issued, int evaluation = 17) const {
        return answer("tcbInfo", tcb_object(fmspc, issued, evaluation));
    }
    std::string identity(TimePoint issued) const { return answer("enclaveIdentity", identity_object(issued)); }
    tdx::SignedJson signed_json(const std::string& text) const { return {to_bytes(text), chain()}; }
    Bytes crl(TimePoint issued, const std::vector<Bytes>& revoked = {}) const {
        return x509::make_crl(root, root_key, issued, issued + std::chrono::days(30), revoked)->der();
    }
};

}  // namespace openpcc::collateral::testing
