// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/verify.hpp"

namespace openpcc::snp {

namespace {

// SNP-ABI: SEV Secure Nested Paging Firmware ABI Specification (56860). VCEK: VCEK Certificate and KDS Interface
// Specification (57230), and what it says of VLEKs.
constexpr CheckSpec kChecks[] = {
    {"snp.format", "SNP-ABI ATTESTATION_REPORT", "one report of version 2 to 5, 1184 bytes, nothing behind R and S"},
    {"snp.signature_algo", "SNP-ABI SIGNATURE_ALGO", "1 (ECDSA P-384 with SHA-384)"},
    {"snp.chain", "VCEK section 2; RFC 5280 section 6", "leaf, ASK or ASVK, and a pinned ARK, in date, RSASSA-PSS"},
    {"snp.certificate", "VCEK custom extensions", "SEV-VCEK or SEV-VLEK, P-384, every extension of its kind"},
    {"snp.signature", "SNP-ABI SIGNATURE", "bytes 0x000 to 0x29f signed by the leaf"},
    {"snp.signing_key", "SNP-ABI SIGNING_KEY", "the kind of key that the leaf is"},
    {"snp.product", "SNP-ABI CPUID; VCEK productName", "a product that the policy names, the same in report and chain"},
    {"snp.reserved", "SNP-ABI ATTESTATION_REPORT, TCB_VERSION", "reserved bytes zero"},
    {"snp.chip_id", "SNP-ABI CHIP_ID; VCEK hwID", "the chip that the VCEK was issued for"},
    {"snp.vlek_provider", "VCEK cspID", "a VCEK, or the VLEK of a provider that the policy names"},
    {"snp.tcb_certificate", "VCEK blSPL to ucodeSPL; SNP-ABI REPORTED_TCB", "the TCB of the certificate, part by part"},
    {"snp.tcb.reported", "SNP-ABI REPORTED_TCB", "at least the policy's"},
    {"snp.tcb.committed", "SNP-ABI COMMITTED_TCB", "at least the policy's"},
    {"snp.tcb.launch", "SNP-ABI LAUNCH_TCB", "at least the policy's"},
    {"snp.tcb.current", "SNP-ABI CURRENT_TCB", "the reported TCB"},
    {"snp.firmware", "SNP-ABI CURRENT_BUILD to COMMITTED_MAJOR", "at least the policy's"},
    {"snp.crl", "VCEK CRL; RFC 5280 section 5", "a list of the ARK, in date, not too old for the policy"},
    {"snp.revocation", "VCEK CRL; RFC 5280 section 6.3", "chain not on any list"},
    {"snp.policy.smt", "SNP-ABI POLICY.SMT", "as the policy says"},
    {"snp.policy.migrate_ma", "SNP-ABI POLICY.MIGRATE_MA", "as the policy says"},
    {"snp.policy.debug", "SNP-ABI POLICY.DEBUG", "as the policy says"},
    {"snp.policy.single_socket", "SNP-ABI POLICY.SINGLE_SOCKET", "as the policy says"},
    {"snp.policy.cxl", "SNP-ABI POLICY.CXL_ALLOW", "as the policy says"},
    {"snp.policy.aes_256_xts", "SNP-ABI POLICY.MEM_AES_256_XTS", "as the policy says"},
    {"snp.policy.rapl_dis", "SNP-ABI POLICY.RAPL_DIS", "as the policy says"},
    {"snp.policy.ciphertext_hiding", "SNP-ABI POLICY.CIPHERTEXT_HIDING_DRAM", "as the policy says"},
    {"snp.policy.page_swap_disable", "SNP-ABI POLICY.PAGE_SWAP_DISABLE", "as the policy says"},
    {"snp.policy.reserved", "SNP-ABI POLICY", "bit 17 one, unknown bits zero"},
    {"snp.policy.abi", "SNP-ABI POLICY.ABI_MAJOR, ABI_MINOR", "not above the version of the firmware"},
    {"snp.platform.smt", "SNP-ABI PLATFORM_INFO.SMT_EN", "as the policy says"},
    {"snp.platform.tsme", "SNP-ABI PLATFORM_INFO.TSME_EN", "as the policy says"},
    {"snp.platform.ecc", "SNP-ABI PLATFORM_INFO.ECC_EN", "as the policy says"},
    {"snp.platform.rapl_disabled", "SNP-ABI PLATFORM_INFO.RAPL_DIS", "as the policy says"},
    {"snp.platform.ciphertext_hiding", "SNP-ABI PLATFORM_INFO.CIPHERTEXT_HIDING_DRAM_EN", "as the policy says"},
    {"snp.platform.alias_check", "SNP-ABI PLATFORM_INFO.ALIAS_CHECK_COMPLETE", "as the policy says"},
    {"snp.platform.tio", "SNP-ABI PLATFORM_INFO.TIO_EN", "as the policy says"},
    {"snp.platform.unknown", "SNP-ABI PLATFORM_INFO", "unknown bits as the policy says"},
    {"snp.vmpl", "SNP-ABI VMPL", "the policy's, exactly"},
    {"snp.migration_agent", "SNP-ABI REPORT_ID_MA", "none (all bits one)"},
};

}  // namespace

std::span<const CheckSpec> checks() { return kChecks; }

}  // namespace openpcc::snp
