// SPDX-License-Identifier: Apache-2.0
// What the proxy gives to the verification page, and to whom.
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "path/desk.hpp"
#include "trust/verify/render.hpp"

namespace openpcc::path {
namespace {

struct Reader : Desk {
    using Desk::Desk;

    http::Client::Whole get(std::string path) { return call(head("GET", std::move(path)), ""); }
    http::Client::Whole without_key(std::string path) {
        http::RequestHead asked = head("GET", std::move(path));
        asked.fields.remove("authorization");
        return call(std::move(asked), "");
    }
    json::Value check() { return read(call(head("POST", "/verify/check"), "")); }
    json::Value state() { return read(get("/verify/state")); }

    static json::Value read(const http::Client::Whole& answer) {
        EXPECT_EQ(answer.head.status, 200) << text(answer);
        auto out = json::parse(answer.content);
        return out ? std::move(*out) : json::Value();
    }
};

std::string path_of_node(const json::Value& state, std::size_t node) {
    return "/verify/judgings/" + std::to_string(*state.get("judging")->get("number")->as_int()) + "/nodes/" +
           std::to_string(node);
}

TEST(Page, ItsFilesNeedNoKeyAndForbidEverythingElse) {
    Reader desk;
    for (const char* path : {"/verify", "/verify/page.js", "/verify/style.css", "/verify/icon.svg"}) {
        const auto answer = desk.without_key(path);
        EXPECT_EQ(answer.head.status, 200) << path;
        EXPECT_EQ(text(answer), proxy::find_page_file(path)->content);
        const std::string policy(answer.head.fields.get("content-security-policy").value_or(""));
        for (const char* rule :
             {"default-src 'none';", "script-src 'self';", "style-src 'self';", "connect-src 'self';",
              "frame-ancestors 'none';", "base-uri 'none';", "form-action 'none';"})
            EXPECT_NE(policy.find(rule), std::string::npos) << path << " " << rule;
        EXPECT_EQ(policy.find("unsafe"), std::string::npos);
        EXPECT_EQ(answer.head.fields.get("cache-control"), "no-store");
        EXPECT_EQ(answer.head.fields.get("x-content-type-options"), "nosniff");
        EXPECT_EQ(answer.head.fields.get("referrer-policy"), "no-referrer");
        EXPECT_EQ(answer.head.fields.get("cross-origin-opener-policy"), "same-origin");
        EXPECT_EQ(answer.head.fields.get("cross-origin-resource-policy"), "same-origin");
        EXPECT_EQ(answer.head.fields.count("access-control-allow-origin"), 0U);
    }
}

TEST(Page, NoOtherPageGetsIt) {
    Reader desk;
    const std::pair<const char*, const char*> foreign[] = {{"origin", "https://evil.example"},
                                                           {"sec-fetch-site", "cross-site"}};
    for (const auto& [name, value] : foreign) {
        http::RequestHead asked = desk.head("GET", "/verify");
        asked.fields.set(name, value);
        EXPECT_EQ(desk.call(std::move(asked), "").head.status, 403) << name;
    }
}

TEST(Page, WhatWasJudgedNeedsTheKey) {
    Reader desk;
    const json::Value state = desk.check();
    for (const std::string& path : {std::string("/verify/state"), std::string("/verify/checks"), path_of_node(state, 0),
                                    path_of_node(state, 0) + "/bundle", path_of_node(state, 0) + "/challenge"}) {
        EXPECT_EQ(desk.get(path).head.status, 200) << path;
        EXPECT_EQ(desk.without_key(path).head.status, 401) << path;
    }
    http::RequestHead asked = desk.head("POST", "/verify/check");
    asked.fields.remove("authorization");
    EXPECT_EQ(desk.call(std::move(asked), "").head.status, 401);
}

TEST(Page, VerdictsAreThoseOfTheVerifierByteForByte) {
    Reader desk;
    const json::Value state = desk.check();
    const auto judged = desk.session.judged();
    ASSERT_EQ(judged->nodes.size(), 2U);
    for (std::size_t node = 0; node < 2; ++node) {
        const auto& one = judged->nodes[node];
        EXPECT_EQ(state.get("judging")->get("nodes")->elements()[node].as_string(), one.statement);
        const std::string path = path_of_node(state, node);
        EXPECT_EQ(text(desk.get(path)), verify::verdict_to_json(one.verification));
        const auto bundle = desk.get(path + "/bundle");
        EXPECT_EQ(bundle.content, one.bundle);
        // Judged anew from what the page was given, it is the same verdict.
        verify::Expectation asked = one.expectation;
        const std::string challenge = text(desk.get(path + "/challenge"));
        EXPECT_EQ(challenge.substr(0, 64), to_hex(asked.challenge->challenge));
        EXPECT_EQ(challenge.substr(65), to_rfc3339(asked.challenge->sent) + "\n");
        const client::Profile profile = desk.profile();
        const auto again = verify::verify_bundle(bundle.content, desk.session.collateral(), profile.policy,
                                                 profile.roots, asked, one.verification.at);
        EXPECT_EQ(verify::verdict_to_json(again), text(desk.get(path)));
    }
}

TEST(Page, CheckAgainJudgesUnderANewChallenge) {
    Reader desk;
    EXPECT_EQ(desk.state().get("judging")->kind(), json::Value::Kind::kNull);
    const json::Value first = desk.check();
    const std::string asked = text(desk.get(path_of_node(first, 0) + "/challenge"));
    EXPECT_EQ(path_of_node(desk.state(), 0), path_of_node(first, 0));
    const json::Value second = desk.check();
    EXPECT_NE(path_of_node(second, 0), path_of_node(first, 0));
    EXPECT_NE(text(desk.get(path_of_node(second, 0) + "/challenge")), asked);
    EXPECT_EQ(desk.get(path_of_node(first, 0)).head.status, 404);
    EXPECT_EQ(desk.nodes[0]->evidence_requests, 2);
}

TEST(Page, OtherPathsAreRefused) {
    Reader desk;
    const std::string node = path_of_node(desk.check(), 0);
    for (const std::string& path :
         {std::string("/verify/"), std::string("/verify/other"), std::string("/verify/judgings/"),
          std::string("/verify/judgings/1"), std::string("/verify/judgings/01/nodes/0"),
          std::string("/verify/judgings/-1/nodes/0"), std::string("/verify/judgings/18446744073709551616/nodes/0"),
          node + "/", node + "/other", node + "9", node + "?a", std::string("/verify/judgings/1/nodes/"),
          std::string("/verify?a"), std::string("/verify/../verify")})
        EXPECT_EQ(desk.get(path).head.status, 404) << path;
    EXPECT_EQ(desk.call(desk.head("POST", "/verify/state"), "").head.status, 404);
    EXPECT_EQ(desk.call(desk.head("POST", "/verify"), "").head.status, 404);
}

TEST(Page, RequestsAreListedWithoutAWordOfThem) {
    Reader desk;
    EXPECT_EQ(desk.chat().head.status, 200);
    desk.relay_server.reset();
    EXPECT_EQ(desk.chat().head.status, 503);
    const std::string said = text(desk.get("/verify/state"));
    EXPECT_EQ(said.find("joke"), std::string::npos);
    EXPECT_EQ(said.find("why did"), std::string::npos);
    const json::Value state = desk.state();
    const auto& requests = state.get("requests")->elements();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].get("outcome")->as_string(), "net.unreachable");
    EXPECT_EQ(requests[0].get("answered_by")->kind(), json::Value::Kind::kNull);
    EXPECT_EQ(requests[1].get("outcome")->as_string(), "200");
    EXPECT_EQ(requests[1].get("path")->as_string(), "/v1/chat/completions");
    EXPECT_EQ(requests[1].get("answered_by")->as_string()->size(), 64U);
    EXPECT_GT(*requests[1].get("received")->as_int(), 0);
}

TEST(Page, OldRequestsAreForgotten) {
    Reader desk;
    for (int i = 0; i < 100; ++i) desk.page.note({wall_clock(), "/v1/models", "200", "", 0, 0, {}});
    const json::Value state = desk.state();
    const auto& requests = state.get("requests")->elements();
    EXPECT_EQ(requests.size(), 32U);
    EXPECT_EQ(requests.front().get("number")->as_int(), 100);
}

TEST(Page, AServiceThatCannotBeReachedIsSaidSo) {
    Reader desk;
    desk.relay_server.reset();
    const auto answer = desk.call(desk.head("POST", "/verify/check"), "");
    EXPECT_EQ(answer.head.status, 503);
    EXPECT_EQ(error_of(answer), "api_connection_error net.unreachable");
}

TEST(Page, WhatEachCheckMeansIsSaidForBothKindsOfEvidence) {
    Reader desk;
    const json::Value known = Reader::read(desk.get("/verify/checks"));
    const std::pair<const char*, statement::TeeType> kinds[] = {{"tdx", statement::TeeType::kTdx},
                                                                {"snp", statement::TeeType::kSnp}};
    for (const auto& [name, tee] : kinds) {
        const auto specs = verify::checks(tee);
        const auto& listed = known.get(name)->elements();
        ASSERT_EQ(listed.size(), specs.size());
        for (std::size_t i = 0; i < specs.size(); ++i) {
            EXPECT_EQ(listed[i].get("id")->as_string(), specs[i].id);
            EXPECT_FALSE(listed[i].get("meaning")->as_string()->empty());
        }
    }
}

}  // namespace
}  // namespace openpcc::path
