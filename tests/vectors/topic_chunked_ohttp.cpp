// SPDX-License-Identifier: Apache-2.0
// draft-ietf-ohai-chunked-ohttp-08: both roles, chunk by chunk; every stream whole, byte by byte and in random cuts.
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/ohttp/chunked.hpp"
#include "vectors/ohttp_case.hpp"
#include "vectors/splits.hpp"
#include "wire/chunk_cutter.hpp"

namespace openpcc::vectors {

namespace {

using ohttp::Form;

constexpr std::size_t kMaxSealed = ohttp::kMaxChunk + crypto::kTagSize;

// The size of a response nonce.
std::size_t nonce_size_of(const json::object& test) {
    return std::max(crypto::kNonceSize, crypto::key_size(suite_of(test).aead));
}

// Plaintext chunks, the last one final: hex strings, or objects with `plaintext`.
std::vector<Bytes> chunks(const json::object& test, std::string_view key) {
    std::vector<Bytes> out;
    for (const auto& entry : test.at(key).as_array())
        out.push_back(entry.is_object() ? hex(entry.as_object(), "plaintext")
                                        : unhex(std::string_view(entry.as_string())));
    return out;
}

Bytes joined(const std::vector<Bytes>& parts) {
    Bytes out;
    for (const Bytes& part : parts) out.append(part);
    return out;
}

// The sealed chunks of a stream behind its header: lengths may be written in longer forms than ours.
std::vector<Bytes> cut(ByteView stream) {
    std::vector<Bytes> out;
    wire::ChunkCutter cutter(kMaxSealed);
    while (const auto chunk = cutter.next(stream).value()) out.emplace_back(*chunk);
    out.emplace_back(cutter.final().value());
    return out;
}

// Equal but for the form of the lengths.
bool same_stream(const Bytes& ours, const Bytes& wanted, std::size_t header) {
    if (ours.size() == wanted.size()) return ours == wanted;
    return equal(ours.view().first(header), wanted.view().first(header)) &&
           cut(ours.view().subspan(header)) == cut(wanted.view().subspan(header));
}

struct Heard {
    std::vector<Bytes> delivered;
    Result<void> result;
    std::size_t refused_at = 0;  // bytes taken before the refusal; all of them when it came at the end
};

template <class Opener>
Heard feed(Opener& opener, const std::vector<ByteView>& pieces) {
    Heard heard;
    const ohttp::Deliver deliver = [&](ByteView bytes) -> Result<void> {
        heard.delivered.emplace_back(bytes);
        return {};
    };
    for (const ByteView piece : pieces) {
        if (!heard.result) break;
        heard.refused_at += piece.size();
        heard.result = opener.update(piece, deliver);
    }
    if (heard.result) heard.result = opener.finish(deliver);
    // Dead is dead: whatever comes now is the same error and no plaintext.
    const std::size_t so_far = heard.delivered.size();
    if (!heard.result) {
        const Bytes more{0};
        if (opener.update(more, deliver) || opener.finish(deliver) || heard.delivered.size() != so_far)
            throw std::runtime_error("an opener lives on after an error");
    }
    return heard;
}

// What must be delivered: every chunk with something in it.
std::vector<Bytes> not_empty(std::vector<Bytes> all) {
    std::erase_if(all, [](const Bytes& chunk) { return chunk.empty(); });
    return all;
}

std::string replay_request(const json::object& test, ohttp::OneKey& keys, const std::vector<Bytes>& plain) {
    const Bytes wanted = hex(test, "encapsulated_request");
    auto sealer = ohttp::RequestSealer::make_with(keys.config(), symmetric(suite_of(test)), ephemeral_of(test));
    if (!sealer) return sealer.error().describe();
    Bytes ours = sealer->header();
    for (std::size_t i = 0; i + 1 < plain.size(); ++i)
        if (!sealer->seal(plain[i], ours)) return "a request chunk cannot be sealed";
    if (!std::move(*sealer).seal_final(plain.back(), ours)) return "the final request chunk cannot be sealed";
    const std::size_t header = ohttp::RequestHeader::kSize + hpke::enc_size(suite_of(test).kem);
    if (!same_stream(ours, wanted, header)) return "request sealed otherwise";

    std::string problem;
    for_each_split(wanted, [&](const auto& pieces) {
        ohttp::RequestOpener opener(keys);
        const Heard heard = feed(opener, pieces);
        if (!heard.result || !opener.complete() || heard.delivered != not_empty(plain))
            problem = "request opened otherwise";
    });
    return problem;
}

std::string replay_response(const json::object& test, ohttp::OneKey& keys, const std::vector<Bytes>& plain) {
    const Bytes wanted = hex(test, "encapsulated_response");
    ohttp::RequestOpener opener(keys);
    if (!feed(opener, {hex(test, "encapsulated_request").view()}).result) return "request refused";
    const std::size_t nonce_size = nonce_size_of(test);
    auto answer = opener.respond_with(wanted.view().first(nonce_size));
    if (!answer) return answer.error().describe();
    Bytes ours = answer->header();
    for (std::size_t i = 0; i + 1 < plain.size(); ++i)
        if (!answer->seal(plain[i], ours)) return "a response chunk cannot be sealed";
    if (!answer->seal_final(plain.back(), ours)) return "the final response chunk cannot be sealed";
    if (!same_stream(ours, wanted, nonce_size)) return "response sealed otherwise";

    std::string problem;
    for_each_split(wanted, [&](const auto& pieces) {
        auto outgoing =
            ohttp::start_request_with(Form::kChunked, keys.config(), symmetric(suite_of(test)), ephemeral_of(test))
                .value();
        ohttp::ResponseOpener client(
            ohttp::ResponseSecret::from(Form::kChunked, outgoing.context, symmetric(suite_of(test)), outgoing.enc));
        const Heard heard = feed(client, pieces);
        if (!heard.result || !client.complete() || heard.delivered != not_empty(plain))
            problem = "response opened otherwise";
    });
    return problem;
}

std::string replay_exchange(const json::object& test) {
    ohttp::OneKey keys = gateway_of(test);
    if (auto wrong = check_derivation(Form::kChunked, test, keys.config()); !wrong.empty()) return wrong;
    const std::vector<Bytes> request = chunks(test, "request_chunks");
    const std::vector<Bytes> response = chunks(test, "response_chunks");
    if (auto wrong = replay_request(test, keys, request); !wrong.empty()) return wrong;
    if (auto wrong = replay_response(test, keys, response); !wrong.empty()) return wrong;
    // Chunks and parts of a message have nothing to do with each other: the sum is Binary HTTP.
    if (!bhttp::decode_request(joined(request), {})) return "the request is not Binary HTTP";
    if (!bhttp::decode_response(joined(response), {})) return "the response is not Binary HTTP";
    return {};
}

// A length above the limit is refused at once, where a receiver without a limit would wait and then see the cut.
bool announces_too_much(ByteView stream) {
    wire::ChunkCutter cutter(kMaxSealed);
    while (true) {
        const auto chunk = cutter.next(stream);
        if (!chunk) return true;
        if (!*chunk) return false;
    }
}

bool fits(const Error& error, std::string_view outcome, ByteView behind_header) {
    if (outcome == "truncated")
        return error == (announces_too_much(behind_header) ? ohttp::kTooLarge : ohttp::kTruncated);
    if (outcome == "decrypt-error") return error == ohttp::kOpenFailed;
    if (outcome == "empty-nonfinal") return error == ohttp::kEmptyChunk;
    return false;
}

std::string judge(const Heard& heard, bool complete, const json::object& test, ByteView behind_header) {
    if (heard.result || complete) return "accepted";
    if (!fits(heard.result.error(), text(test, "outcome"), behind_header))
        return "refused as " + heard.result.error().describe();
    return heard.delivered == chunks(test, "delivered_before_error") ? ""
                                                                     : "something else was delivered before the error";
}

ByteView behind(ByteView stream, std::size_t header) { return stream.subspan(std::min(stream.size(), header)); }

std::string replay_refusal(const json::object& test) {
    std::string problem;
    if (text(test, "side") == "client") {
        const Bytes stream = hex(test, "encapsulated_response");
        for_each_split(stream, [&](const auto& pieces) {
            ohttp::ResponseOpener opener(secret_from_shared(Form::kChunked, test));
            const Heard heard = feed(opener, pieces);
            const auto wrong = judge(heard, opener.complete(), test, behind(stream, nonce_size_of(test)));
            if (!wrong.empty()) problem = wrong;
        });
        return problem;
    }
    ohttp::OneKey keys = gateway_of(test);
    const Bytes stream = hex(test, "encapsulated_request");
    const std::size_t header = ohttp::RequestHeader::kSize + hpke::enc_size(suite_of(test).kem);
    for_each_split(stream, [&](const auto& pieces) {
        ohttp::RequestOpener opener(keys);
        const Heard heard = feed(opener, pieces);
        const auto wrong = judge(heard, opener.complete(), test, behind(stream, header));
        if (!wrong.empty()) problem = wrong;
        // Nothing was delivered: the answer is in clear (RFC 9458 section 5.2).
        if (heard.delivered.empty() == opener.decrypted()) problem = "on the wrong side of decryption";
    });
    return problem;
}

// Third parties say only that it is an error. A key id that is not ours must be refused with the seventh byte.
std::string replay_third_party(const json::object& test) {
    ohttp::OneKey keys = gateway_of(test);
    const Bytes stream = hex(test, "encapsulated_request");
    std::string problem;
    for_each_split(stream, [&](const auto& pieces) {
        ohttp::RequestOpener opener(keys);
        const Heard heard = feed(opener, pieces);
        if (heard.result || opener.complete() || !heard.delivered.empty()) problem = "accepted";
        const bool other_key = stream.size() >= ohttp::RequestHeader::kSize && stream[0] != number(test, "key_id");
        if (other_key && !(heard.result.error() == ohttp::kUnknownKey)) problem = "not refused for its key id";
        if (other_key && pieces.front().size() == 1 && pieces.size() == stream.size() &&
            heard.refused_at != ohttp::RequestHeader::kSize)
            problem = "refused too late";
    });
    return problem;
}

void replay(const json::object& test, std::string_view where, Tally& tally) {
    if (const std::string reason = unsupported_suite(suite_of(test)); !reason.empty()) return tally.skip(reason);
    std::string problem;
    if (test.contains("outcome"))
        problem = replay_refusal(test);
    else if (test.contains("expect"))
        problem = replay_third_party(test);
    else
        problem = replay_exchange(test);
    tally.check(problem.empty(), where, problem);
}

}  // namespace

void run_chunked_ohttp(const std::filesystem::path& folder, Tally& tally) { replay_cases(folder, tally, replay); }

}  // namespace openpcc::vectors
