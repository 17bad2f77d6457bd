// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/verify.hpp"

namespace openpcc::tdx {

namespace {

// DCAP-A: Intel TDX DCAP Quoting Library API, appendix A. PCK: Intel SGX PCK Certificate and CRL Profile. TDX-ABI:
// Intel TDX Module ABI specification. PCS: Intel Provisioning Certification Service API v4.
constexpr CheckSpec kChecks[] = {
    {"tdx.format", "DCAP-A quote format", "one TDX quote of version 4 or 5, every length exact"},
    {"tdx.tee_type", "DCAP-A quote header", "tee type 0x81 (TDX)"},
    {"tdx.pck_chain", "PCK section 1; RFC 5280 section 6", "leaf, CA and root in date, ending at a given root"},
    {"tdx.pck_certificate", "PCK section 1.3", "a PCK certificate with one complete SGX extension"},
    {"tdx.qe_report_signature", "DCAP-A QE report certification data", "QE report signed by the PCK"},
    {"tdx.attestation_key", "DCAP-A QE report certification data",
     "QE report data is SHA-256(attestation key | auth data) and 32 zero bytes"},
    {"tdx.quote_signature", "DCAP-A quote signature data", "header and body signed by the attestation key"},
    {"tdx.qe_vendor", "DCAP-A quote header", "QE vendor Intel (939a7233f79c4ca9940a0db3957f0607)"},
    {"tdx.reserved", "DCAP-A quote header, QE report", "reserved bytes zero"},
    {"tdx.qe_debug", "SGX attributes, DEBUG", "quoting enclave not in debug mode"},
    {"tdx.debug", "TDX-ABI TDATTRIBUTES.TUD", "no bit of the debug group (0 to 7)"},
    {"tdx.attributes", "TDX-ABI TDATTRIBUTES", "SEPT_VE_DISABLE; not MIGRATABLE, not PERFMON, no reserved bit"},
    {"tdx.xfam", "TDX-ABI XFAM", "bits 0 and 1, none outside 0x6dbe7"},
    {"tdx.module", "TDX-ABI MRSIGNERSEAM, SEAMATTRIBUTES", "a production TDX module of Intel's (both zero)"},
    {"tdx.service_td", "TDX-ABI MRSERVICETD", "no service TD bound (zero)"},
    {"tdx.revocation", "PCS PCK CRL, root CA CRL", "chain not revoked by current lists"},
    {"tdx.tcb", "PCS TCB info", "platform and module up to date"},
    {"tdx.qe_identity", "PCS TD QE identity", "Intel's TD quoting enclave, up to date"},
};

}  // namespace

std::span<const CheckSpec> checks() { return kChecks; }

}  // namespace openpcc::tdx
