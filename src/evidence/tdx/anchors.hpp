// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "crypto/x509/x509.hpp"

namespace openpcc::tdx {

// intel_root is the Intel SGX Root CA, pinned as bytes; nothing that evidence brings along becomes a root.
const x509::Certificate& intel_root();

enum class RootKind { kGenuine, kSimulated };

// Anchors are the roots that a chain may end at. The simulated ones are a separate input of builds with simulated
// hardware; a release build has no place to put one.
struct Anchors {
    std::vector<x509::Certificate> genuine;
#if OPENPCC_SIMULATED_HARDWARE
    std::vector<x509::Certificate> simulated;
#endif
    std::vector<x509::Certificate> all() const;
    // kind_of compares bytes; a genuine root stays genuine wherever else it is listed.
    std::optional<RootKind> kind_of(const x509::Certificate& root) const;
};

// same_certificate compares bytes: a certificate has one encoding.
bool same_certificate(const x509::Certificate& a, const x509::Certificate& b);

// is_ca reads BasicConstraints.
bool is_ca(const x509::Certificate& certificate);

// Window is when something holds: from its start to its end, both included.
struct Window {
    TimePoint from;
    TimePoint until;
    bool holds(TimePoint now) const { return from <= now && now <= until; }
    void narrow(const x509::Certificate& certificate);
};
Window window_of(const std::vector<x509::Certificate>& chain);

}  // namespace openpcc::tdx
