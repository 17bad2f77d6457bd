// SPDX-License-Identifier: Apache-2.0
#include "trust/statement/statement.hpp"

#include <algorithm>
#include <set>

#include "core/assert.hpp"
#include "crypto/hash.hpp"
#include "trust/statement/errors.hpp"
#include "trust/statement/fields.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc::statement {

namespace {

constexpr std::size_t kMaxKeyBlock = 32 << 10;

void write_freshness(wire::Writer& out, const Freshness& freshness) {
    out.u8(static_cast<std::uint8_t>(freshness.kind));
    if (freshness.kind == Freshness::Kind::kChallenge) out.raw(freshness.challenge);
    if (freshness.kind == Freshness::Kind::kBeacon) {
        OPENPCC_ASSERT(!freshness.beacon.empty() && freshness.beacon.size() <= kMaxBeacon);
        out.vec16(freshness.beacon);
    }
}

Result<Freshness> read_freshness(wire::Reader& in) {
    OPENPCC_TRY(const auto kind, in.u8());
    Freshness out;
    out.kind = static_cast<Freshness::Kind>(kind);
    switch (out.kind) {
        case Freshness::Kind::kNone:
            return out;
        case Freshness::Kind::kChallenge: {
            OPENPCC_TRY(out.challenge, in.array<Challenge>());
            return out;
        }
        case Freshness::Kind::kBeacon: {
            OPENPCC_TRY(const ByteView beacon, in.vec16(kMaxBeacon));
            if (beacon.empty()) return fail(kMalformed, "freshness: empty beacon");
            out.beacon = Bytes(beacon);
            return out;
        }
    }
    return fail(kMalformed, "freshness: unknown kind");  // spec statement-2.10
}

Result<std::vector<seal::KeyConfig>> read_keys(wire::Reader& in) {
    OPENPCC_TRY(const ByteView block, in.vec16(kMaxKeyBlock));
    wire::Reader keys(block);
    std::vector<seal::KeyConfig> out;
    std::set<seal::KeyId> seen;
    while (!keys.done()) {
        if (out.size() == kMaxKeys) return fail(kMalformed, "keys: too many");
        OPENPCC_TRY(auto key, seal::KeyConfig::read(keys));
        // spec statement-2.5: the same key twice would be two sizes of one statement.
        if (!seen.insert(key.id()).second) return fail(kMalformed, "keys: the same key twice");
        out.push_back(std::move(key));
    }
    if (out.empty()) return fail(kMalformed, "keys: none");
    return out;
}

// spec statement-2.7: seconds since 1970, between 1970 and 9999, so that every reader can show them.
Result<TimePoint> read_time(wire::Reader& in) {
    OPENPCC_TRY(const auto seconds, in.u64());
    if (seconds > 253402300799ULL) return fail(kMalformed, "time: after the year 9999");
    return TimePoint(Seconds(static_cast<std::int64_t>(seconds)));
}

Result<Core> read_core(wire::Reader& in) {
    Core out;
    OPENPCC_TRY(const auto format, in.u16());
    if (format != fields::kStatementFormat) return fail(kMalformed, "unknown format");  // spec statement-2.2
    OPENPCC_TRY(const auto role, in.u8());
    if (role != 1 && role != 2) return fail(kMalformed, "role: unknown");  // spec statement-2.3
    out.role = static_cast<Role>(role);
    OPENPCC_TRY(const ByteView release, in.vec8());
    out.release = openpcc::to_string(release);
    if (!is_release_id(out.release)) return fail(kMalformed, "release: not a release id");  // spec statement-2.4
    OPENPCC_TRY(out.keys, read_keys(in));
    OPENPCC_TRY(const ByteView receipt_key, in.vec16(kMaxReceiptKey));
    out.receipt_key = Bytes(receipt_key);
    OPENPCC_TRY(out.not_before, read_time(in));
    OPENPCC_TRY(out.not_after, read_time(in));
    if (out.not_after <= out.not_before) return fail(kMalformed, "times: the end is not after the beginning");
    OPENPCC_TRY(out.model, in.array<Digest256>());
    OPENPCC_TRY(out.engine_profile, in.array<Digest256>());
    OPENPCC_TRY(const auto isolation, in.u8());
    if (isolation < 1 || isolation > 4) return fail(kMalformed, "isolation: unknown");  // spec statement-2.9
    out.isolation = static_cast<Isolation>(isolation);
    OPENPCC_TRY(out.freshness, read_freshness(in));
    return out;
}

Result<Core> read_core_only(ByteView bytes) {
    wire::Reader in(bytes);
    OPENPCC_TRY(auto out, read_core(in));
    OPENPCC_CHECK(in.finish());
    return out;
}

Result<Statement> read_statement(ByteView bytes) {
    wire::Reader in(bytes);
    Statement out;
    OPENPCC_TRY(out.core, read_core(in));
    OPENPCC_TRY(out.devices, in.array<Digest256>());
    OPENPCC_CHECK(in.finish());
    return out;
}

// refused keeps this format's own reason, and names the layer below otherwise.
std::unexpected<Error> refused(const Error& error) {
    return error == kMalformed ? std::unexpected(error) : fail(kMalformed, error.describe());
}

}  // namespace

bool is_release_id(std::string_view text) {
    return !text.empty() && text.size() <= kMaxReleaseId &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string_view to_string(Role role) { return role == Role::kNode ? "node" : "gateway"; }
std::string_view to_string(TeeType tee) { return tee == TeeType::kTdx ? "tdx" : "sev-snp"; }
std::string_view to_string(Isolation isolation) {
    switch (isolation) {
        case Isolation::kSharedWorker:
            return "shared worker";
        case Isolation::kWorkerPerRequest:
            return "worker per request";
        case Isolation::kEnginePerConversation:
            return "engine per conversation";
        case Isolation::kVmPerTenant:
            return "vm per tenant";
    }
    return "unknown";
}

Bytes Core::encode() const {
    OPENPCC_ASSERT(is_release_id(release) && !keys.empty() && keys.size() <= kMaxKeys);
    OPENPCC_ASSERT(receipt_key.size() <= kMaxReceiptKey && not_before.time_since_epoch().count() >= 0);
    wire::Writer key_block;
    for (const seal::KeyConfig& key : keys) key.write(key_block);
    OPENPCC_ASSERT(key_block.size() <= kMaxKeyBlock);
    wire::Writer out;
    out.u16(fields::kStatementFormat).u8(static_cast<std::uint8_t>(role)).vec8(as_bytes(release));
    out.vec16(key_block.view()).vec16(receipt_key);
    out.u64(static_cast<std::uint64_t>(not_before.time_since_epoch().count()));
    out.u64(static_cast<std::uint64_t>(not_after.time_since_epoch().count()));
    out.raw(model).raw(engine_profile).u8(static_cast<std::uint8_t>(isolation));
    write_freshness(out, freshness);
    return std::move(out).take();
}

Result<Core> Core::parse(ByteView bytes) {
    auto out = read_core_only(bytes);
    if (!out) return refused(out.error());
    return out;
}

seal::StatementName Core::name() const {
    Core timeless = *this;
    timeless.freshness = Freshness{};
    const Digest256 digest = crypto::sha256({fields::label(fields::kNameLabel), timeless.encode()});
    return seal::StatementName::from_view(digest);
}

Digest256 Core::device_nonce() const { return crypto::sha256({fields::label(fields::kDeviceLabel), encode()}); }

Bytes Statement::encode() const {
    Bytes out = core.encode();
    out.append(devices);
    return out;
}

Result<Statement> Statement::parse(ByteView bytes) {
    auto out = read_statement(bytes);
    if (!out) return refused(out.error());
    return out;
}

ReportData Statement::report_data(TeeType tee) const {
    const Bytes kind{static_cast<std::uint8_t>(tee)};
    return ReportData::from_view(crypto::sha512({fields::label(fields::kReportLabel), kind, encode()}));
}

}  // namespace openpcc::statement
