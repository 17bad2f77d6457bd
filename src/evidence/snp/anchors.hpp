// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "crypto/x509/x509.hpp"

namespace openpcc::snp {

// amd_roots are the ARKs of Milan, Genoa and Turin, pinned as bytes; nothing that evidence brings along becomes a root.
const std::vector<x509::Certificate>& amd_roots();

// Anchors are the ARKs that a chain may end at. What an ARK is for is in its name, which is as good as its pin. The
// simulated ones are a separate input of builds with simulated hardware; a release build has no place to put one.
struct Anchors {
    std::vector<x509::Certificate> genuine;
#if OPENPCC_SIMULATED_HARDWARE
    std::vector<x509::Certificate> simulated;
#endif
};
enum class RootKind { kGenuine, kSimulated };

// all_roots are those of both kinds; contains compares bytes, never names.
std::vector<x509::Certificate> all_roots(const Anchors& anchors);
bool contains(const std::vector<x509::Certificate>& list, const x509::Certificate& certificate);

}  // namespace openpcc::snp
