// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/rules.hpp"

namespace openpcc::snp {

std::string_view to_string(Product product) {
    switch (product) {
        case Product::kMilan:
            return "Milan";
        case Product::kGenoa:
            return "Genoa";
        case Product::kTurin:
            return "Turin";
    }
    return "unknown";
}

}  // namespace openpcc::snp
