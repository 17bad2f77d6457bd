// SPDX-License-Identifier: Apache-2.0
// Written by make_evidence_corpora.cpp together with the corpora.
#pragma once

#include "trust/statement/statement.hpp"

namespace openpcc::corpus {

inline constexpr char kTime[] = "2026-11-25T07:00:00Z";
inline constexpr char kStatement[] = "1474d2fdf9fe08f060a7ecdcdcfa1807fbfbc7ebea7924343caccc446cb5d04f";
inline constexpr char kGoodBundle[] = "5bdfa1046ae8ad7015f8206559440309e730818fd9598c14249c8d84513d2dfb";
inline constexpr statement::Challenge kChallenge{{0xc4, 0xa1}};
inline constexpr char kPolicy[] = R"({"version":2,"name":"development","issued":"2026-11-25T07:00:00Z","expires":"2027-02-23T07:00:00Z","preset":"development","roots":{"required":1,"of":["intel","amd"]},"tdx":{"least_tcb_evaluation":18,"modules":[{"major":1,"least":6},{"major":3,"least":3}],"amber":["SWHardeningNeeded","OutOfDate"],"accepted_advisories":[],"denied_advisories":[],"grace_days":90,"collateral_age":{"amber_days":30,"red_days":365},"attributes":{"icssd":"any","lass":"any","sept_ve_disable":"one","migratable":"zero","pks":"any","kl":"any","tpa":"any","perfmon":"zero"},"xfam":{"x87":"one","sse":"one","avx":"any","avx512_opmask":"any","avx512_zmm_hi256":"any","avx512_hi16_zmm":"any","pt":"any","pkru":"any","cet_u":"any","cet_s":"any","uintr":"any","lbr":"any","amx_config":"any","amx_data":"any"},"service_tds":[]},"snp":{"products":[{"product":"Genoa","green":{"boot_loader":10,"tee":0,"snp":23,"microcode":84},"least_firmware":{"major":1,"minor":55,"build":40},"amber":null,"policy":{"smt":"any","migrate_ma":"zero","debug":"zero","single_socket":"any","cxl":"zero","aes_256_xts":"any","rapl_dis":"any","ciphertext_hiding":"any","page_swap_disable":"any"},"platform":{"smt":"any","tsme":"any","ecc":"any","rapl_disabled":"any","ciphertext_hiding":"any","alias_check":"one","tio":"any"},"platform_unknown":"any"},{"product":"Turin","green":{"fmc":0,"boot_loader":1,"tee":0,"snp":2,"microcode":71},"least_firmware":{"major":1,"minor":55,"build":61},"amber":null,"policy":{"smt":"any","migrate_ma":"zero","debug":"zero","single_socket":"any","cxl":"zero","aes_256_xts":"any","rapl_dis":"any","ciphertext_hiding":"any","page_swap_disable":"any"},"platform":{"smt":"any","tsme":"any","ecc":"any","rapl_disabled":"any","ciphertext_hiding":"any","alias_check":"one","tio":"any"},"platform_unknown":"any"}],"vlek_providers":[],"vmpl":0,"provisional_tcb":false,"collateral_age":{"amber_days":300,"red_days":730}},"measurements":[{"tee":"tdx","release":"demo-1.0.0","mrtd":"d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0","rtmr0":"e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0","rtmr1":"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1","rtmr2":"e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2","rtmr3":"e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3"}],"revoked_releases":[],"models":["9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"],"engine_profiles":["1900eab6c028483d7126599ee6f50de0d27907b5c65fa90524580b4b0f9852b0"],"hardware":{"rule":"any"},"isolation":["shared worker","worker per request","engine per conversation","vm per tenant"],"exceptions":[],"max_evidence_age":300,"candidates":2,"require_pq":false})";
inline constexpr char kRoot[] = R"(-----BEGIN CERTIFICATE-----
MIIB3zCCAYWgAwIBAgIBATAKBggqhkjOPQQDAjBFMR4wHAYDVQQDDBVTaW11bGF0
ZWQgU0dYIFJvb3QgQ0ExIzAhBgNVBAoMGk9wZW5QQ0Mgc2ltdWxhdGVkIGhhcmR3
YXJlMB4XDTI2MTEyNTA2MDAwMFoXDTI2MTIyNTA3MDAwMFowRTEeMBwGA1UEAwwV
U2ltdWxhdGVkIFNHWCBSb290IENBMSMwIQYDVQQKDBpPcGVuUENDIHNpbXVsYXRl
ZCBoYXJkd2FyZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAUqc6pT40qeJW4v
oG/c04alpXrjZs2t0l7bSsAzCy+5M4E0C83E04uA8lsAz/sc3GIXF9gJjoiHmokW
xwISfhSjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQEwDgYDVR0PAQH/BAQDAgEGMB0G
A1UdDgQWBBRrpsXWcEyyqc7vEfa2Jh1+/3/MuTAfBgNVHSMEGDAWgBRrpsXWcEyy
qc7vEfa2Jh1+/3/MuTAKBggqhkjOPQQDAgNIADBFAiEA+b+PU/o5hdF5JvLcEV02
xQUXuM/b0+bgmQ3UUx/WBwkCIBDQc4SH8vHj1CJQQqIuH+ooD05GDVXoFRxUUnXT
Gs+E
-----END CERTIFICATE-----
)";

}  // namespace openpcc::corpus
