// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/engine_under_test.hpp"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (!openpcc::testing::profile_under_test()) return 77;
    const int result = RUN_ALL_TESTS();
    openpcc::testing::EngineUnderTest::end_shared();
    return result;
}
