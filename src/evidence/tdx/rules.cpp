// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/rules.hpp"

namespace openpcc::tdx {

std::string_view to_string(TcbStatus status) {
    switch (status) {
        case TcbStatus::kUpToDate:
            return "UpToDate";
        case TcbStatus::kSwHardeningNeeded:
            return "SWHardeningNeeded";
        case TcbStatus::kConfigurationNeeded:
            return "ConfigurationNeeded";
        case TcbStatus::kConfigurationAndSwHardeningNeeded:
            return "ConfigurationAndSWHardeningNeeded";
        case TcbStatus::kOutOfDate:
            return "OutOfDate";
        case TcbStatus::kOutOfDateConfigurationNeeded:
            return "OutOfDateConfigurationNeeded";
        case TcbStatus::kTdRelaunchAdvised:
            return "TDRelaunchAdvised";
        case TcbStatus::kTdRelaunchAdvisedConfigurationNeeded:
            return "TDRelaunchAdvisedConfigurationNeeded";
        case TcbStatus::kRevoked:
            return "Revoked";
    }
    return "unknown";
}

}  // namespace openpcc::tdx
