// SPDX-License-Identifier: Apache-2.0
// Documents of gateway keys. The first byte of an input is a mode:
//   0  the document itself; nothing verifies but what the service has signed
//   1  changes to a good document, two bytes each (place, mask): it verifies if, and only if, it is the same
//   2  any content, signed by the service: what is read from it can be signed anew and reads the same
#include "trust/service/gateway_keys.hpp"

#include "core/assert.hpp"
#include "core/text.hpp"
#include "wire/writer.hpp"

namespace openpcc::service {
namespace {

constexpr TimePoint kNow{Seconds{1'800'000'000}};

crypto::SigningKey make_key() {
    const Bytes der = concat(Bytes{0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20}, Bytes(32));
    const std::string kind = " PRIVATE KEY-----\n";
    return crypto::SigningKey::parse_pem(as_bytes("-----BEGIN" + kind + to_base64(der) + "\n-----END" + kind)).value();
}

struct Service {
    crypto::SigningKey key = make_key();
    crypto::VerifyingKey verifying = key.verifying_key();
    Bytes good = [this] {
        GatewayKeys keys{kNow - Seconds{60}, kNow + Seconds{3600}, {}};
        const auto one = hpke::PrivateKey::derive(hpke::Kem::kX25519, Bytes(32)).value();
        keys.configs.push_back({1, one.public_key(), {{}}});
        return keys.sign(key).value();
    }();
};

const Service& service() {
    static const Service instance;
    return instance;
}

void check_raw(ByteView document) {
    const auto keys = GatewayKeys::verify(document, service().verifying, kNow);
    OPENPCC_ASSERT(!keys || equal(document, service().good));
}

void check_changed(ByteView changes) {
    Bytes document = service().good;
    std::size_t places = document.size();
    for (; changes.size() >= 2; changes = changes.subspan(2)) document[changes[0] % places] ^= changes[1];
    if (!changes.empty()) document.resize(changes[0] % (2 * places));
    const auto keys = GatewayKeys::verify(document, service().verifying, kNow);
    OPENPCC_ASSERT(keys.has_value() == (document == service().good));
}

void check_content(ByteView content) {
    if (content.size() > 0xffff) return;
    wire::Writer label;
    label.vec8(as_bytes("openpcc gateway keys v1")).raw(content);
    wire::Writer document;
    document.vec16(content).raw(service().key.sign(crypto::Scheme::kEd25519, label.view()).value());
    const auto keys = GatewayKeys::verify(document.view(), service().verifying, kNow);
    if (!keys) {
        OPENPCC_ASSERT(keys.error() == kBadDocument || keys.error() == kNotInForce);
        return;
    }
    OPENPCC_ASSERT(keys->not_before < keys->not_after);
    if (keys->configs.empty()) return;  // none of a KEM that we know; there is nothing to sign
    const Bytes again = keys->sign(service().key).value();
    const auto reread = GatewayKeys::verify(again, service().verifying, kNow);
    OPENPCC_ASSERT(reread && reread->not_before == keys->not_before && reread->not_after == keys->not_after);
    OPENPCC_ASSERT(reread->configs.size() == keys->configs.size());
    OPENPCC_ASSERT(reread->sign(service().key).value() == again);
}

}  // namespace
}  // namespace openpcc::service

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openpcc::service;
    if (size == 0) return 0;
    const openpcc::ByteView rest = openpcc::ByteView(data, size).subspan(1);
    switch (data[0]) {
        case 0:
            check_raw(rest);
            break;
        case 1:
            check_changed(rest);
            break;
        case 2:
            check_content(rest);
            break;
        default:
            break;
    }
    return 0;
}
