// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "evidence/tdx/samples.hpp"

namespace openpcc::tdx {

// Samples skips, loudly, where the collection of real evidence is missing.
class Samples : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(kEvidence / "manifest.json"))
            GTEST_SKIP() << "NO REAL EVIDENCE: " << kEvidence << " is missing; genuine quotes are NOT tested here";
    }
};

}  // namespace openpcc::tdx
