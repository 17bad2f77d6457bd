// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/one_shot.hpp"

#include "protocol/ohttp/incoming.hpp"
#include "wire/reader.hpp"

namespace openpcc::ohttp {

namespace {

Result<SealedRequest> seal(Outgoing outgoing, ByteView plaintext) {
    Bytes message = std::move(outgoing.header);
    const std::size_t start = message.size();
    message.resize(start + plaintext.size() + crypto::kTagSize);
    OPENPCC_CHECK(outgoing.context.seal({}, plaintext, message.span().subspan(start)));
    auto answer = ResponseSecret::from(Form::kOneShot, outgoing.context, outgoing.suite, std::move(outgoing.enc));
    return SealedRequest{std::move(message), std::move(answer)};
}

crypto::AeadKey keyed(const ResponseSecret& answer, crypto::AeadKey::Use use, const crypto::StreamKeys& keys) {
    return keys.key.with([&](ByteView key) { return crypto::AeadKey(answer.suite.aead, use, key); });
}

}  // namespace

Result<SealedRequest> seal_request(const KeyConfig& config, SymmetricSuite suite, ByteView plaintext, Random& random) {
    OPENPCC_TRY(Outgoing outgoing, start_request(Form::kOneShot, config, suite, random));
    return seal(std::move(outgoing), plaintext);
}

Result<SealedRequest> seal_request_with(const KeyConfig& config, SymmetricSuite suite, ByteView plaintext,
                                        ByteView ephemeral) {
    OPENPCC_TRY(Outgoing outgoing, start_request_with(Form::kOneShot, config, suite, ephemeral));
    return seal(std::move(outgoing), plaintext);
}

Result<Plaintext> open_response(ResponseSecret&& answer, ByteView message) {
    const ResponseSecret secret = std::move(answer);
    if (message.size() < secret.nonce_size() + crypto::kTagSize) return fail(kTruncated);
    const crypto::StreamKeys keys = secret.keys(message.first(secret.nonce_size()));
    const ByteView sealed = message.subspan(secret.nonce_size());
    Plaintext out(sealed.size() - crypto::kTagSize);
    const auto opened = out.fill([&](ByteSpan span) {
        return keyed(secret, crypto::AeadKey::Use::kOpen, keys).open(keys.base_nonce, {}, sealed, span);
    });
    if (!opened) return fail(kOpenFailed);
    return out;
}

Result<OpenedRequest> open_request(KeySource& keys, ByteView message) {
    wire::Reader reader(message);
    const auto clear = reader.array<ByteArray<RequestHeader::kSize>>();
    if (!clear) return fail(kTruncated);
    const RequestHeader header = RequestHeader::parse(*clear);
    OPENPCC_CHECK(find_key(keys, header));
    const auto enc = reader.take(hpke::enc_size(header.suite.kem));
    if (!enc || reader.left() < crypto::kTagSize) return fail(kTruncated);
    OPENPCC_TRY(auto context, accept(Form::kOneShot, keys, header, *enc));
    const ByteView sealed = reader.rest();
    Plaintext plaintext(sealed.size() - crypto::kTagSize);
    const auto opened = plaintext.fill([&](ByteSpan span) { return context.open({}, sealed, span); });
    if (!opened) return fail(kOpenFailed);
    auto answer = ResponseSecret::from(Form::kOneShot, context, {header.suite.kdf, header.suite.aead}, Bytes(*enc));
    return OpenedRequest{std::move(plaintext), std::move(answer)};
}

Bytes seal_response(ResponseSecret&& answer, ByteView plaintext, Random& random) {
    Bytes nonce(answer.nonce_size());
    random.fill(nonce.span());
    return seal_response_with(std::move(answer), plaintext, nonce);
}

Bytes seal_response_with(ResponseSecret&& answer, ByteView plaintext, ByteView response_nonce) {
    const ResponseSecret secret = std::move(answer);
    const crypto::StreamKeys keys = secret.keys(response_nonce);
    Bytes out(response_nonce);
    out.resize(response_nonce.size() + plaintext.size() + crypto::kTagSize);
    keyed(secret, crypto::AeadKey::Use::kSeal, keys)
        .seal(keys.base_nonce, {}, plaintext, out.span().subspan(response_nonce.size()));
    return out;
}

}  // namespace openpcc::ohttp
