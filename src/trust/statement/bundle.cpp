// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/assert.hpp"
#include "crypto/hash.hpp"
#include "trust/statement/errors.hpp"
#include "trust/statement/fields.hpp"
#include "trust/statement/statement.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc::statement {

namespace {

constexpr std::size_t kMaxStatement = 0xffff;
constexpr std::size_t kMaxCertificate = 0xffff;

std::vector<DeviceEvidence> sorted(std::vector<DeviceEvidence> devices) {
    std::ranges::sort(devices, {}, &DeviceEvidence::device_id);
    return devices;
}

void write_device(wire::Writer& out, const DeviceEvidence& device) {
    OPENPCC_ASSERT(!device.device_id.empty() && device.report.size() <= kMaxDeviceReport);
    out.u8(device.kind).vec8(device.device_id).vec32(device.report).vec16(device.leaf_certificate);
}

Result<DeviceEvidence> read_device(wire::Reader& in) {
    DeviceEvidence out;
    OPENPCC_TRY(out.kind, in.u8());
    OPENPCC_TRY(const ByteView id, in.vec8());
    if (id.empty()) return fail(kBadBundle, "devices: empty id");
    OPENPCC_TRY(const ByteView report, in.vec32(kMaxDeviceReport));
    OPENPCC_TRY(const ByteView leaf, in.vec16(kMaxCertificate));
    out.device_id = Bytes(id);
    out.report = Bytes(report);
    out.leaf_certificate = Bytes(leaf);
    return out;
}

Result<std::vector<DeviceEvidence>> read_devices(wire::Reader& in) {
    OPENPCC_TRY(const auto count, in.u8());
    if (count > kMaxDevices) return fail(kBadBundle, "devices: too many");
    std::vector<DeviceEvidence> out;
    for (std::size_t i = 0; i < count; ++i) {
        OPENPCC_TRY(auto device, read_device(in));
        // spec statement-5.6: strictly ascending, so that one list has one encoding and no device counts twice.
        if (!out.empty() && device.device_id <= out.back().device_id)
            return fail(kBadBundle, "devices: not in ascending order, or one twice");
        out.push_back(std::move(device));
    }
    return out;
}

Result<std::vector<Bytes>> read_certificates(wire::Reader& in) {
    OPENPCC_TRY(const auto count, in.u8());
    if (count > kMaxCertificates) return fail(kBadBundle, "certificates: too many");
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < count; ++i) {
        OPENPCC_TRY(const ByteView certificate, in.vec16(kMaxCertificate));
        if (certificate.empty()) return fail(kBadBundle, "certificates: an empty one");
        out.emplace_back(certificate);
    }
    return out;
}

Result<Bundle> read_bundle(ByteView bytes) {
    if (bytes.size() > kMaxBundle) return fail(kBadBundle, "longer than 1 MiB");
    wire::Reader in(bytes);
    Bundle out;
    OPENPCC_TRY(const auto format, in.u16());
    if (format != fields::kBundleFormat) return fail(kBadBundle, "unknown format");  // spec statement-5.2
    OPENPCC_TRY(const ByteView statement, in.vec16(kMaxStatement));
    OPENPCC_TRY(out.statement, Statement::parse(statement));
    OPENPCC_TRY(const auto tee, in.u8());
    if (tee != 1 && tee != 2) return fail(kBadBundle, "unknown kind of CPU evidence");  // spec statement-5.4
    out.tee = static_cast<TeeType>(tee);
    OPENPCC_TRY(const ByteView evidence, in.vec32(kMaxCpuEvidence));
    if (evidence.empty()) return fail(kBadBundle, "no CPU evidence");
    out.cpu_evidence = Bytes(evidence);
    OPENPCC_TRY(out.certificates, read_certificates(in));
    OPENPCC_TRY(out.devices, read_devices(in));
    OPENPCC_CHECK(in.finish());
    // spec statement-5.7: one bundle, one encoding. The layout leaves no choice; this is the proof for every input.
    if (!equal(out.encode(), bytes)) return fail(kBadBundle, "not the canonical encoding");
    return out;
}

// refused keeps this format's own reason, and names the layer below otherwise.
std::unexpected<Error> refused(const Error& error) {
    return error == kBadBundle ? std::unexpected(error) : fail(kBadBundle, error.describe());
}

}  // namespace

Digest256 devices_digest(const std::vector<DeviceEvidence>& devices) {
    OPENPCC_ASSERT(devices.size() <= kMaxDevices);
    wire::Writer out;
    // The count comes first, so that no device at all is a value of its own and not an empty string.
    out.raw(fields::label(fields::kDevicesLabel)).u8(static_cast<std::uint8_t>(devices.size()));
    for (const DeviceEvidence& device : sorted(devices))
        out.u8(device.kind).vec8(device.device_id).vec32(device.report).raw(crypto::sha256(device.leaf_certificate));
    return crypto::sha256(out.view());
}

Bytes Bundle::encode() const {
    OPENPCC_ASSERT(cpu_evidence.size() <= kMaxCpuEvidence);
    OPENPCC_ASSERT(certificates.size() <= kMaxCertificates && devices.size() <= kMaxDevices);
    wire::Writer out;
    out.u16(fields::kBundleFormat).vec16(statement.encode());
    out.u8(static_cast<std::uint8_t>(tee)).vec32(cpu_evidence);
    out.u8(static_cast<std::uint8_t>(certificates.size()));
    for (const Bytes& certificate : certificates) out.vec16(certificate);
    out.u8(static_cast<std::uint8_t>(devices.size()));
    for (const DeviceEvidence& device : sorted(devices)) write_device(out, device);
    return std::move(out).take();
}

Result<Unverified<Bundle>> Bundle::parse(ByteView bytes) {
    auto out = read_bundle(bytes);
    if (!out) return refused(out.error());
    return Unverified<Bundle>(std::move(*out));
}

BundleHash Bundle::hash() const { return BundleHash::from_view(crypto::sha256(encode())); }

}  // namespace openpcc::statement
