// SPDX-License-Identifier: Apache-2.0
// RFC 9292: examples and cases. Limits are wide here and pseudo-fields are kept, so that only the standard's rules
// refuse.
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/bhttp/test_sink.hpp"
#include "vectors/splits.hpp"
#include "vectors/topics.hpp"

namespace openpcc::vectors {

namespace {

using bhttp::Kind;
using bhttp::Outcome;

constexpr bhttp::Limits kWide{.head_bytes = 1 << 20,
                              .field_count = 10'000,
                              .informational = 1'000,
                              .content_bytes = 1 << 24,
                              .padding_bytes = 1 << 24,
                              .pseudo_fields = bhttp::PseudoFields::kKeep};

struct Decoded {
    Outcome outcome;
    bool known_length = false;
    friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(Kind kind, const bhttp::Limits& limits, const std::vector<ByteView>& pieces) {
    bhttp::Recorder recorder;
    bhttp::Decoder decoder(kind, limits, recorder);
    Result<void> result;
    for (const ByteView piece : pieces)
        if (result) result = decoder.update(piece);
    if (result) result = decoder.finish();
    return {{.error = result ? std::string() : result.error().describe(),
             .request = recorder.request,
             .response = recorder.response,
             .interim = recorder.interim,
             .body = recorder.body,
             .last = recorder.last,
             .trailers_seen = recorder.trailers_seen,
             .padding = decoder.complete() ? decoder.padding_length() : 0},
            decoder.known_length()};
}

// The vectors write names and values as Latin-1 text, JSON as UTF-8.
std::string latin1(const json::value& value) {
    const std::string_view utf8 = value.as_string();
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x80)
            out.push_back(utf8[i]);
        else
            out.push_back(static_cast<char>((byte & 0x03) << 6 | (static_cast<unsigned char>(utf8.at(++i)) & 0x3f)));
    }
    return out;
}

http::Fields fields(const json::value& list) {
    http::Fields out;
    for (const auto& line : list.as_array()) out.add(latin1(line.as_array().at(0)), latin1(line.as_array().at(1)));
    return out;
}

Decoded expected(const json::object& decoded) {
    Decoded out{.outcome = {}, .known_length = number(decoded, "framing") < 2};
    const http::Fields headers = fields(decoded.at("headers"));
    if (text(decoded, "kind") == "request") {
        out.outcome.request = {.method = latin1(decoded.at("method")),
                               .scheme = latin1(decoded.at("scheme")),
                               .authority = latin1(decoded.at("authority")),
                               .path = latin1(decoded.at("path")),
                               .fields = headers};
    } else {
        for (const auto& interim : decoded.at("informational").as_array())
            out.outcome.interim.push_back({.status = static_cast<std::uint16_t>(number(interim.as_object(), "status")),
                                           .fields = fields(interim.as_object().at("fields"))});
        out.outcome.response = {.status = static_cast<std::uint16_t>(number(decoded, "status")), .fields = headers};
    }
    out.outcome.body = hex(decoded, "content");
    out.outcome.last = fields(decoded.at("trailers"));
    out.outcome.trailers_seen = 1;
    out.outcome.padding = number(decoded, "padding_length");
    return out;
}

// Every split says the same.
bool same_in_every_split(Kind kind, ByteView message, const Decoded& whole) {
    bool same = true;
    for_each_split(message, [&](const auto& pieces) { same = same && decode(kind, kWide, pieces) == whole; });
    return same;
}

// What was read can be written, and reads the same again; but for padding, which is not part of a message, and for
// pseudo-fields, which we do not write.
bool survives_encoding(Kind kind, ByteView message) {
    bhttp::Limits limits = kWide;
    limits.pseudo_fields = bhttp::PseudoFields::kRefuse;
    if (kind == Kind::kRequest) {
        const auto first = bhttp::decode_request(message, limits);
        if (!first) return true;
        const auto again = bhttp::decode_request(bhttp::encode(*first), limits);
        return again && again->head == first->head && again->content == first->content &&
               again->trailers == first->trailers;
    }
    const auto first = bhttp::decode_response(message, limits);
    if (!first) return true;
    const auto again = bhttp::decode_response(bhttp::encode(*first), limits);
    return again && again->head == first->head && again->content == first->content &&
           again->trailers == first->trailers && again->informational == first->informational;
}

std::string replay(const json::object& test) {
    const Bytes message = hex(test, "bhttp");
    const std::string_view result = test.contains("result") ? text(test, "result") : "valid";
    if (result == "valid") {
        const json::object& decoded = test.at("decoded").as_object();
        const Kind kind = text(decoded, "kind") == "request" ? Kind::kRequest : Kind::kResponse;
        const Decoded wanted = expected(decoded);
        const Decoded whole = decode(kind, kWide, {message.view()});
        if (!whole.outcome.error.empty()) return "refused: " + whole.outcome.error;
        if (whole != wanted) return "decoded otherwise";
        if (!same_in_every_split(kind, message, wanted)) return "another result in another split";
        return survives_encoding(kind, message) ? "" : "does not survive encoding";
    }
    for (const Kind kind : {Kind::kRequest, Kind::kResponse}) {
        const Decoded whole = decode(kind, kWide, {message.view()});
        // What the standard leaves open we refuse (protocol/bhttp/bhttp.hpp).
        if (whole.outcome.error.empty()) return "accepted";
        Decoded last;
        bool refused = true;
        for_each_split(message, [&](const auto& pieces) {
            last = decode(kind, kWide, pieces);
            refused = refused && last.outcome.error == whole.outcome.error;
        });
        if (!refused) return "refused otherwise in another split: " + last.outcome.error;
    }
    return "";
}

}  // namespace

void run_bhttp(const std::filesystem::path& folder, Tally& tally) {
    for (const auto& file : files(folder, ".json")) {
        const json::value content = load(file);
        for (const auto& entry : content.as_object().at("cases").as_array()) {
            const json::object& test = entry.as_object();
            const std::string problem = replay(test);
            tally.check(problem.empty(), text(test, "id"), problem);
        }
    }
}

}  // namespace openpcc::vectors
