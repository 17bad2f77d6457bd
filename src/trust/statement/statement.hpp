// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "core/trust.hpp"
#include "protocol/seal/key.hpp"

// The node statement (docs/architecture.md section 5; byte layout in docs/protocol/statement.md): one object that keys,
// code, model and hardware evidence are bound to. TLS presentation language, all integers big-endian.
namespace openpcc::statement {

enum class Role : std::uint8_t { kNode = 1, kGateway = 2 };
enum class Isolation : std::uint8_t {
    kSharedWorker = 1,
    kWorkerPerRequest = 2,
    kEnginePerConversation = 3,
    kVmPerTenant = 4
};
// TeeType is bound into the report data, so that evidence of one kind cannot stand for another.
enum class TeeType : std::uint8_t { kTdx = 1, kSnp = 2 };

using Challenge = ByteArray<32, struct ChallengeTag>;
using ReportData = ByteArray<64, struct ReportDataTag>;
using BundleHash = ByteArray<32, struct BundleHashTag>;

// Limits of docs/protocol/statement.md: what does not fit is refused when read, and a bug (asserted) when written.
inline constexpr std::size_t kMaxKeys = 8;
inline constexpr std::size_t kMaxReleaseId = 128;
inline constexpr std::size_t kMaxReceiptKey = 512;
inline constexpr std::size_t kMaxBeacon = 16 << 10;
inline constexpr std::size_t kMaxCpuEvidence = 256 << 10;
inline constexpr std::size_t kMaxCertificates = 16;
inline constexpr std::size_t kMaxDevices = 64;
inline constexpr std::size_t kMaxDeviceReport = 64 << 10;
inline constexpr std::size_t kMaxBundle = 1 << 20;

struct Freshness {
    enum class Kind : std::uint8_t { kNone = 0, kChallenge = 1, kBeacon = 2 };
    Kind kind = Kind::kNone;
    Challenge challenge;  // for kChallenge
    Bytes beacon;         // for kBeacon: a checkpoint with cosignatures; refused while no log is configured
    friend bool operator==(const Freshness&, const Freshness&) = default;
};

struct Core {
    Role role = Role::kNode;
    std::string release;                // release id, printable ASCII, 1..128
    std::vector<seal::KeyConfig> keys;  // 1..8
    Bytes receipt_key;                  // SPKI; empty until receipts exist
    TimePoint not_before;
    TimePoint not_after;
    Digest256 model;           // digest of the model manifest
    Digest256 engine_profile;  // digest of the engine profile
    Isolation isolation = Isolation::kSharedWorker;
    Freshness freshness;

    Bytes encode() const;
    static Result<Core> parse(ByteView bytes);
    // name is SHA-256("openpcc statement name v1" | core with its freshness set to none): it stays the same when the
    // evidence is renewed under a new challenge, so that keys, directory and prepared envelopes need not change.
    seal::StatementName name() const;
    // device_nonce is what devices sign: SHA-256("openpcc device v1" | core).
    Digest256 device_nonce() const;
};

// DeviceEvidence is one GPU's or switch's evidence. None exist yet; their list's explicit empty encoding does.
struct DeviceEvidence {
    std::uint8_t kind = 0;
    Bytes device_id;
    Bytes report;
    Bytes leaf_certificate;
    friend bool operator==(const DeviceEvidence&, const DeviceEvidence&) = default;
};

struct Statement {
    Core core;
    Digest256 devices;  // H(canonical list of device evidence)

    Bytes encode() const;
    static Result<Statement> parse(ByteView bytes);
    // report_data is SHA-512("openpcc statement v1" | u8 TEE type | statement).
    ReportData report_data(TeeType tee) const;
};

// is_release_id: 1 to 128 visible ASCII characters. (spec statement-2.4)
bool is_release_id(std::string_view text);
std::string_view to_string(Role role);
std::string_view to_string(TeeType tee);
std::string_view to_string(Isolation isolation);

// devices_digest of the canonical list: sorted by device id, duplicates refused by the bundle's parser.
Digest256 devices_digest(const std::vector<DeviceEvidence>& devices);

// Bundle is a statement with all that proves it, content-addressed.
struct Bundle {
    Statement statement;
    TeeType tee = TeeType::kTdx;
    Bytes cpu_evidence;               // a TDX quote or an SNP report
    std::vector<Bytes> certificates;  // DER; chains that the CPU evidence does not carry itself
    std::vector<DeviceEvidence> devices;

    Bytes encode() const;
    static Result<Unverified<Bundle>> parse(ByteView bytes);  // at most 1 MiB; canonical: encode(parse(x)) == x
    BundleHash hash() const;
};

}  // namespace openpcc::statement
