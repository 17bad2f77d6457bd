// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "hops/node/keeper.hpp"
#include "io/device/report_device.hpp"
#include "io/net/loop.hpp"

namespace openpcc::node {

// make_device_attester is the machine's own report device: TDX quotes without the padding of their transport, SNP
// reports with the certificates that the host has put beside them, or else with the given ones (VCEK or VLEK, then its
// issuer, in DER): hosts do not always have them, and whatever they are, a verifier judges them.
std::unique_ptr<Attester> make_device_attester(net::Loop& loop, std::unique_ptr<device::ReportDevice> report_device,
                                               std::vector<Bytes> certificates);

// open_device_attester opens this machine's device; node.no_hardware with the reason when there is none.
Result<std::unique_ptr<Attester>> open_device_attester(net::Loop& loop, std::vector<Bytes> certificates);

}  // namespace openpcc::node
