// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/anchors.hpp"

#include <algorithm>

#include "wire/der.hpp"

namespace openpcc::tdx {

namespace {

bool contains(const std::vector<x509::Certificate>& list, const x509::Certificate& certificate) {
    return std::ranges::any_of(list, [&](const auto& other) { return same_certificate(other, certificate); });
}

}  // namespace

bool same_certificate(const x509::Certificate& a, const x509::Certificate& b) {
    return &a.handle() == &b.handle() || a.der() == b.der();
}

std::vector<x509::Certificate> Anchors::all() const {
    std::vector<x509::Certificate> out = genuine;
#if OPENPCC_SIMULATED_HARDWARE
    out.insert(out.end(), simulated.begin(), simulated.end());
#endif
    return out;
}

std::optional<RootKind> Anchors::kind_of(const x509::Certificate& root) const {
    if (contains(genuine, root)) return RootKind::kGenuine;
#if OPENPCC_SIMULATED_HARDWARE
    if (contains(simulated, root)) return RootKind::kSimulated;
#endif
    return std::nullopt;
}

// RFC 5280 section 4.2.1.9: cA is the first member of BasicConstraints, and absent when false.
bool is_ca(const x509::Certificate& certificate) {
    const auto constraints = certificate.extension("2.5.29.19");
    if (!constraints) return false;
    wire::Der outer(*constraints);
    const auto members = outer.enter(wire::Der::kSequence);
    return !members || !members->done();
}

void Window::narrow(const x509::Certificate& certificate) {
    from = std::max(from, certificate.not_before());
    until = std::min(until, certificate.not_after());
}

Window window_of(const std::vector<x509::Certificate>& chain) {
    Window out{TimePoint::min(), TimePoint::max()};
    for (const x509::Certificate& certificate : chain) out.narrow(certificate);
    return out;
}

}  // namespace openpcc::tdx
