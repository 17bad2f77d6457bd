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
    {"tdx.attributes.reserved", "TDX-ABI TDATTRIBUTES", "no unknown bit"},
    {"tdx.attributes.icssd", "TDX-ABI TDATTRIBUTES.ICSSD", "as the policy says"},
    {"tdx.attributes.lass", "TDX-ABI TDATTRIBUTES.LASS", "as the policy says"},
    {"tdx.attributes.sept_ve_disable", "TDX-ABI TDATTRIBUTES.SEPT_VE_DISABLE", "as the policy says"},
    {"tdx.attributes.migratable", "TDX-ABI TDATTRIBUTES.MIGRATABLE", "as the policy says"},
    {"tdx.attributes.pks", "TDX-ABI TDATTRIBUTES.PKS", "as the policy says"},
    {"tdx.attributes.kl", "TDX-ABI TDATTRIBUTES.KL", "as the policy says"},
    {"tdx.attributes.tpa", "TDX-ABI TDATTRIBUTES.TPA", "as the policy says"},
    {"tdx.attributes.perfmon", "TDX-ABI TDATTRIBUTES.PERFMON", "as the policy says"},
    {"tdx.xfam.required", "TDX-ABI XFAM", "x87 and SSE (bits 0 and 1)"},
    {"tdx.xfam.reserved", "TDX-ABI XFAM", "no bit outside 0x6dbe7"},
    {"tdx.xfam", "TDX-ABI XFAM", "as the policy says"},
    {"tdx.module", "TDX-ABI MRSIGNERSEAM, SEAMATTRIBUTES", "a production TDX module of Intel's (both zero)"},
    {"tdx.service_td", "TDX-ABI MRSERVICETD", "none bound (zero), or one of the policy"},
    {"tdx.root_crl", "PCS root CA CRL; RFC 5280 section 6.3", "a list of the root, in date"},
    {"tdx.pck_crl", "PCS PCK CRL; RFC 5280 section 6.3", "a list of the PCK CA, in date"},
    {"tdx.revocation", "PCS PCK CRL, root CA CRL", "PCK certificate, its CA and TCB signing certificate not revoked"},
    {"tdx.tcb_info", "PCS TCB info", "TDX TCB info for this FMSPC and PCEID, signed and in date"},
    {"tdx.tcb_evaluation", "PCS tcbEvaluationDataNumber", "at least the policy's number for each"},
    {"tdx.collateral_age", "PCS issueDate, thisUpdate",
     "TCB info, QE identity and PCK CRL not older than the policy says"},
    {"tdx.qe_identity", "PCS TD QE identity", "Intel's TD quoting enclave, by an identity that is signed and in date"},
    {"tdx.module_identity", "PCS tdxModule, tdxModuleIdentities", "a TDX module that TCB info knows"},
    {"tdx.module_floor", "TDX-ABI TEE_TCB_SVN", "at least the policy's version"},
    {"tdx.tcb", "DCAP quote verification 4.1.2.4.17", "platform, module and quoting enclave UpToDate"},
};

}  // namespace

std::span<const CheckSpec> checks() { return kChecks; }

}  // namespace openpcc::tdx
