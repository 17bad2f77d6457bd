// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/incoming.hpp"

namespace openpcc::ohttp {

Result<const GatewayKey*> find_key(const KeySource& keys, const RequestHeader& header) {
    const GatewayKey* key = keys.find(header.key_id);
    if (key == nullptr) return fail(kUnknownKey);
    if (header.suite.kem != key->config.key.kem()) return fail(kBadSuite, "KEM");
    if (!key->config.offers({header.suite.kdf, header.suite.aead})) return fail(kBadSuite, "KDF or AEAD");
    return key;
}

Result<hpke::ReceiverContext> accept(Form form, KeySource& keys, const RequestHeader& header, ByteView enc) {
    // Asked again: between two reads the key may have been rotated out.
    OPENPCC_TRY(const GatewayKey* key, find_key(keys, header));
    if (!keys.admit(header.key_id, enc)) return fail(kReplayed);
    auto context = hpke::setup_receiver(header.suite, key->key, enc, header.info(form));
    // A bad point is answered like a bad tag: one category, no oracle.
    if (!context) return fail(kOpenFailed);
    return std::move(*context);
}

}  // namespace openpcc::ohttp
