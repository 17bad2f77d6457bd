// SPDX-License-Identifier: Apache-2.0
#include "trust/service/gateway_keys.hpp"

#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc::service {

namespace {

constexpr std::size_t kSignatureSize = 64;
// Clocks of client and service may differ by this much.
constexpr Seconds kSkew{120};

Bytes signed_bytes(ByteView content) {
    wire::Writer out;
    out.vec8(as_bytes("openpcc gateway keys v1")).raw(content);
    return std::move(out).take();
}

std::uint64_t to_unix(TimePoint time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }
TimePoint from_unix(std::uint64_t seconds) { return TimePoint(Seconds(static_cast<std::int64_t>(seconds))); }

Result<GatewayKeys> parse_content(ByteView content) {
    wire::Reader in(content);
    OPENPCC_TRY(const std::uint64_t not_before, in.u64());
    OPENPCC_TRY(const std::uint64_t not_after, in.u64());
    OPENPCC_TRY(const ByteView configs, in.vec16());
    OPENPCC_CHECK(in.finish());
    if (not_before >= not_after || not_after > (std::uint64_t{1} << 40)) return fail(kBadDocument);
    GatewayKeys keys{from_unix(not_before), from_unix(not_after), {}};
    OPENPCC_TRY(keys.configs, ohttp::parse_key_configs(configs));
    return keys;
}

}  // namespace

Result<Bytes> GatewayKeys::sign(const crypto::SigningKey& service_key) const {
    wire::Writer content;
    content.u64(to_unix(not_before)).u64(to_unix(not_after)).vec16(ohttp::encode_key_configs(configs));
    OPENPCC_TRY(const Bytes signature, service_key.sign(crypto::Scheme::kEd25519, signed_bytes(content.view())));
    wire::Writer document;
    document.vec16(content.view()).raw(signature);
    return std::move(document).take();
}

Result<GatewayKeys> GatewayKeys::verify(ByteView document, const crypto::VerifyingKey& service_key, TimePoint now) {
    wire::Reader in(document);
    const auto content = in.vec16();
    if (!content || in.left() != kSignatureSize) return fail(kBadDocument);
    if (!service_key.verify(crypto::Scheme::kEd25519, signed_bytes(*content), in.rest())) return fail(kBadSignature);
    auto keys = parse_content(*content);
    if (!keys) return fail(kBadDocument);
    if (now + kSkew < keys->not_before || now > keys->not_after + kSkew) return fail(kNotInForce);
    return keys;
}

}  // namespace openpcc::service
