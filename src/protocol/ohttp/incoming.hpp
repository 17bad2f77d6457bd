// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/ohttp/chunked.hpp"
#include "protocol/ohttp/exchange.hpp"

// What a gateway checks before it opens anything, in either form; cheap checks come first.
namespace openpcc::ohttp {

// find_key is for the moment when the header is in: the key id must be known, its KEM must be the header's and the
// suite one that it offers (RFC 9458 section 4.3).
Result<const GatewayKey*> find_key(const KeySource& keys, const RequestHeader& header);

// accept is for the moment when enc is in too: it asks for admission and does the public-key work.
Result<hpke::ReceiverContext> accept(Form form, KeySource& keys, const RequestHeader& header, ByteView enc);

}  // namespace openpcc::ohttp
