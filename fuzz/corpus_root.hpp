// SPDX-License-Identifier: Apache-2.0
// Written by make_evidence_corpora.cpp together with the corpora.
#pragma once

#include "trust/statement/statement.hpp"

namespace openpcc::corpus {

inline constexpr char kTime[] = "2026-11-25T07:00:00Z";
inline constexpr char kStatement[] = "1474d2fdf9fe08f060a7ecdcdcfa1807fbfbc7ebea7924343caccc446cb5d04f";
inline constexpr char kGoodBundle[] = "5bdfa1046ae8ad7015f8206559440309e730818fd9598c14249c8d84513d2dfb";
inline constexpr statement::Challenge kChallenge{{0xc4, 0xa1}};
inline constexpr char kPolicy[] = R"({"version":1,"preset":"development","measurements":[{"release":"demo-1.0.0","mrtd":"d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0","rtmr0":"e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0","rtmr1":"e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1","rtmr2":"e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2","rtmr3":"e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3"}],"models":["9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"],"engine_profiles":["1900eab6c028483d7126599ee6f50de0d27907b5c65fa90524580b4b0f9852b0"],"max_evidence_age":300,"candidates":2,"require_pq":false})";
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
