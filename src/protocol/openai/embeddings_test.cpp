// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/embeddings.hpp"

#include <gtest/gtest.h>

#include "protocol/openai/answer.hpp"
#include "protocol/openai/errors.hpp"

namespace openpcc::openai {
namespace {

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

Result<EngineRequest> admit_text(const std::string& body, bool embeds = true) {
    Dialect dialect;
    dialect.model_name = "demo";
    dialect.embeds = embeds;
    dialect.limits.inputs = 3;
    ZeroRandom random;
    return admit("POST", "/v1/embeddings", as_bytes(body), dialect, random);
}

std::string asked(const std::string& more) {
    const auto request = admit_text(R"({"model":"demo",)" + more + "}");
    if (!request) return request.error().describe();
    return request->body.with([](ByteView view) { return to_string(view); });
}

std::string answered(const std::string& request_body, const std::string& engine) {
    const auto request = admit_text(request_body);
    ZeroRandom random;
    Answer answer(*request, "public", 0, random);
    Plaintext out;
    if (auto taken = answer.update(as_bytes(engine), out); !taken) return taken.error().describe();
    if (auto ended = answer.finish(out); !ended) return ended.error().describe();
    return out.with([](ByteView view) { return to_string(view); });
}

const std::string kOne = R"({"model":"demo","input":"a"})";
const std::string kUsage = R"("usage":{"prompt_tokens":5,"total_tokens":5,"x":1})";

TEST(Embeddings, AreOfTexts) {
    EXPECT_EQ(asked(R"("input":"a","user":"CANARY","encoding_format":"base64")"),
              R"({"model":"demo","input":["a"],"encoding_format":"float"})");
    EXPECT_EQ(asked(R"("input":["a","b"])"), R"({"model":"demo","input":["a","b"],"encoding_format":"float"})");
    for (const char* odd : {R"("input":"")", R"("input":[])", R"("input":["a",""])", R"("input":[1,2])",
                            R"("input":[[1]])", R"("input":1)", R"("input":{})", R"("x":null)", R"("user":"a")"})
        EXPECT_NE(asked(odd).find("openai."), std::string::npos) << odd << asked(odd);
    EXPECT_EQ(asked(R"("input":["a","b","c","d"])"), "openai.too_large: input: at most 3");
    EXPECT_EQ(asked(R"("input":"a","dimensions":5)"), "openai.unsupported_field: dimensions");
    EXPECT_EQ(asked(R"("input":"a","encoding_format":"int8")"), "openai.bad_request: encoding_format: float or base64");
    EXPECT_EQ(admit_text(kOne, false).error(), kUnknownPath);
}

TEST(Embeddings, AreWrittenAnew) {
    const std::string engine = R"({"model":"/m.gguf","object":"list",)" + kUsage +
                               R"(,"data":[{"embedding":[1.5,-2e-1],"index":1,"object":"embedding"},)" +
                               R"({"embedding":[0.25,3],"index":0,"x":"CANARY"}]})";
    EXPECT_EQ(answered(R"({"model":"demo","input":["a","b"]})", engine),
              R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.25,3]},)"
              R"({"object":"embedding","index":1,"embedding":[1.5,-2e-1]}],"model":"public",)"
              R"("usage":{"prompt_tokens":5,"total_tokens":5}})");
    const std::string one = "{" + kUsage + R"(,"data":[{"embedding":[1.0,-2.0],"index":0}]})";
    EXPECT_NE(answered(R"({"model":"demo","input":"a","encoding_format":"base64"})", one)
                  .find(R"("embedding":"AACAPwAAAMA=")"),
              std::string::npos);
}

TEST(Embeddings, AnswersOfAnotherKindAreRefused) {
    for (const std::string& data :
         {std::string("[]"), std::string("{}"), std::string(R"([{"embedding":[1]}])"),
          std::string(R"([{"index":1,"embedding":[1]}])"), std::string(R"([{"index":0}])"),
          std::string(R"([{"index":0,"embedding":[]}])"), std::string(R"([{"index":0,"embedding":["CANARY"]}])"),
          std::string(R"([{"index":0,"embedding":[1e400]}])"), std::string(R"([{"index":0,"embedding":"AACAPw=="}])"),
          std::string(R"([{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}])")}) {
        const std::string result = answered(kOne, "{" + kUsage + R"(,"data":)" + data + "}");
        EXPECT_TRUE(result.starts_with("openai.bad_answer: ")) << data << " gave " << result;
        EXPECT_EQ(result.find("CANARY"), std::string::npos);
    }
    const std::string two = R"({"model":"demo","input":["a","b"]})";
    EXPECT_EQ(answered(two, "{" + kUsage + R"(,"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})"),
              "openai.bad_answer: an embedding twice");
    EXPECT_EQ(answered(two, "{" + kUsage + R"(,"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})"),
              "openai.bad_answer: embeddings of different lengths");
    EXPECT_EQ(answered(kOne, R"({"data":[{"index":0,"embedding":[1]}]})"),
              "openai.bad_answer: the engine gave no usage");
    EXPECT_EQ(answered(kOne, R"({"error":{"message":"CANARY"}})"), "openai.bad_answer: the engine reports an error");
    EXPECT_EQ(answered(kOne, R"({"data":)"), "openai.bad_answer: the answer is not a JSON object");
}

}  // namespace
}  // namespace openpcc::openai
