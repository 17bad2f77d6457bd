// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/x509/x509.hpp"
#include "evidence/tdx/anchors.hpp"
#include "evidence/tdx/collateral.hpp"
#include "evidence/tdx/tcb_info.hpp"

namespace openpcc::tdx {

inline constexpr std::string_view kTcbSigningName = "Intel SGX TCB Signing";

// SignedCollateral is collateral whose signatures have been checked, once, on the bytes received. Time plays no part in
// it: windows are judged in every verification. Immutable, cheap to copy, to be shared by all verifications and
// threads; what a verification learns about a CA and its lists is remembered inside and changes no verdict.
class SignedCollateral {
  public:
    // Item is one answer that an anchor vouches for.
    template <class T>
    struct Item {
        T content;
        x509::Certificate signer;
        x509::Certificate root;
        Window certificates;  // when both of them hold
    };
    // Refused is an answer that counts for nothing: why, and of which platforms it claims to be, where it claims any.
    struct Refused {
        std::string why;
        std::optional<Fmspc> fmspc;
    };
    // Documents are every good answer of one kind, and the others.
    template <class T>
    struct Documents {
        std::vector<Item<T>> items;
        std::vector<Refused> refused;
    };

    SignedCollateral();  // nothing is known of any platform
    SignedCollateral(const Collateral& collateral, const Anchors& anchors);

    bool empty() const;
    const Documents<TcbInfo>& tcb_infos() const;
    const Documents<QeIdentity>& qe_identities() const;
    // Lists are the revocation lists under an issuer's name.
    struct Lists {
        std::vector<x509::Crl> good;
        std::size_t forged = 0;  // not signed by it
    };
    // lists_of: the caller has verified the issuer. crls_refused says why others cannot be read at all.
    Lists lists_of(const x509::Certificate& issuer) const;
    const std::vector<std::string>& crls_refused() const;

    // root_of is the anchor that Intel's writing of PEM stands for, so that it need not be read again.
    std::optional<x509::Certificate> root_of(std::string_view pem) const;

    // Issuers is the end of a PCK chain, CA and root: few of them stand above all platforms, so that a verified pair is
    // remembered by its text.
    struct Issuers {
        x509::Certificate ca;
        x509::Certificate root;
    };
    std::optional<Issuers> known_issuers(std::string_view pem) const;
    void remember_issuers(std::string_view pem, const Issuers& issuers) const;

    // The same for whole chains, by their text: a node shows the same one with each of its quotes. What is remembered is
    // that the issuers have signed the leaf.
    std::optional<x509::Certificate> known_leaf(std::string_view pem) const;
    void remember_leaf(std::string_view pem, const x509::Certificate& leaf) const;

  private:
    struct State;
    std::shared_ptr<const State> state_;
};

}  // namespace openpcc::tdx
