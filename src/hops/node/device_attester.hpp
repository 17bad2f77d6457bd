// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "crypto/x509/x509.hpp"
#include "hops/node/keeper.hpp"
#include "io/device/report_device.hpp"
#include "io/net/loop.hpp"

namespace openpcc::node {

// Certificates are those that an SNP node has of its own (VCEK or VLEK, then its issuer, in DER; none for TDX), and the
// ARKs by which it knows whether the host's are better. Whatever it sends, a verifier judges it.
struct Certificates {
    std::vector<Bytes> own;
    std::vector<x509::Certificate> arks;
};

// make_device_attester is the machine's own report device: TDX quotes without the padding of their transport; SNP
// reports with the certificates that the host has put beside them, where these endorse the report (snp::endorses), and
// with the node's own otherwise: hosts do not always have them, or have those of before an update, and may write
// anything.
std::unique_ptr<Attester> make_device_attester(net::Loop& loop, std::unique_ptr<device::ReportDevice> report_device,
                                               Certificates certificates);

// open_device_attester opens this machine's device, under AMD's ARKs; node.no_hardware with the reason when there is
// none.
Result<std::unique_ptr<Attester>> open_device_attester(net::Loop& loop, std::vector<Bytes> own_certificates);

}  // namespace openpcc::node
