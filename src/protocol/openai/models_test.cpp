// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/models.hpp"

#include <gtest/gtest.h>

#include "protocol/openai/errors.hpp"

namespace openpcc::openai {
namespace {

std::string written(std::string_view path) {
    const auto found = models_path(path);
    if (!found) return std::string(found.error().name());
    return found->value_or("another path");
}

TEST(Models, PathsHaveOneForm) {
    EXPECT_EQ(written("/v1/models"), "/v1/models");
    EXPECT_EQ(written("/v1/models?limit=20&after_id=CANARY"), "/v1/models");
    EXPECT_EQ(written("/v1/models/demo"), "/v1/models/demo");
    EXPECT_EQ(written("/v1/models/demo?beta=true"), "/v1/models/demo");
    EXPECT_EQ(written("/v1/models/openpcc%2Fdemo"), "/v1/models/openpcc/demo");
    EXPECT_EQ(written("/v1/models/openpcc/demo:1.0_a-b"), "/v1/models/openpcc/demo:1.0_a-b");
    for (const char* path : {"/v1/model", "/v1/modelsx", "/v1/modelsx/demo", "/V1/models", "", "/v1/chat/completions"})
        EXPECT_EQ(written(path), "another path") << path;
    for (const char* path : {"/v1/models/", "/v1/models/a b", "/v1/models/%", "/v1/models/%2", "/v1/models/%zz",
                             "/v1/models/%00", "/v1/models/a%0d%0ab", "/v1/models/\xc3\xa9", "/v1/models/%25"})
        EXPECT_EQ(written(path), "openai.unknown_model") << path;
    EXPECT_EQ(written("/v1/models/" + std::string(129, 'a')), "openai.unknown_model");
}

TEST(Models, AreTheNodes) {
    Dialect dialect;
    dialect.model_name = "demo";
    dialect.model_aliases = {"openpcc/demo"};
    const std::string demo =
        R"({"id":"demo","object":"model","created":0,"owned_by":"openpcc","type":"model","display_name":"demo",)"
        R"("created_at":"1970-01-01T00:00:00Z"})";
    EXPECT_EQ(models_body("/v1/models", dialect).value(),
              R"({"object":"list","data":[)" + demo + R"(],"has_more":false,"first_id":"demo","last_id":"demo"})");
    EXPECT_EQ(models_body("/v1/models/demo", dialect).value(), demo);
    EXPECT_NE(models_body("/v1/models/openpcc/demo", dialect).value().find(R"("id":"openpcc/demo")"),
              std::string::npos);
    for (const char* path : {"/v1/models/gpt-5", "/v1/models/dem", "/v1/models/demo/", "/v1/models/"})
        EXPECT_EQ(models_body(path, dialect).error(), kUnknownModel) << path;
}

}  // namespace
}  // namespace openpcc::openai
