// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "protocol/bhttp/bhttp.hpp"

// For tests: what a decoder said, comparable between two splits of the same bytes.
namespace openpcc::bhttp {

class Recorder final : public Sink {
  public:
    Result<void> request_head(http::RequestHead head) override {
        request = std::move(head);
        ++heads_seen;
        return {};
    }
    Result<void> response_head(http::ResponseHead head) override {
        response = std::move(head);
        ++heads_seen;
        return {};
    }
    Result<void> informational(http::ResponseHead head) override {
        interim.push_back(std::move(head));
        return {};
    }
    Result<void> content(ByteView bytes) override {
        body.append(bytes);
        return {};
    }
    Result<void> trailers(http::Fields fields) override {
        last = std::move(fields);
        ++trailers_seen;
        return {};
    }

    http::RequestHead request;
    http::ResponseHead response;
    std::vector<http::ResponseHead> interim;
    Bytes body;
    http::Fields last;
    int heads_seen = 0;
    int trailers_seen = 0;
};

struct Outcome {
    std::string error;  // empty: accepted
    http::RequestHead request;
    http::ResponseHead response;
    std::vector<http::ResponseHead> interim;
    Bytes body;
    http::Fields last;
    int trailers_seen = 0;
    std::uint64_t padding = 0;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline Outcome decode_in_pieces(Kind kind, const Limits& limits, ByteView message, std::size_t piece) {
    Recorder recorder;
    Decoder decoder(kind, limits, recorder);
    Result<void> result;
    for (std::size_t at = 0; at < message.size() && result; at += piece)
        result = decoder.update(message.subspan(at, std::min(piece, message.size() - at)));
    if (result) result = decoder.finish();
    return {.error = result ? std::string() : std::string(result.error().name()),
            .request = recorder.request,
            .response = recorder.response,
            .interim = recorder.interim,
            .body = recorder.body,
            .last = recorder.last,
            .trailers_seen = recorder.trailers_seen,
            .padding = result ? decoder.padding_length() : 0};
}

}  // namespace openpcc::bhttp
