// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/policy.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "crypto/hpke/hpke.hpp"

namespace openpcc::policy {
namespace {

TdxMeasurement measurement() {
    TdxMeasurement out;
    out.release = "demo-1.0.0";
    out.mrtd.bytes[0] = 1;
    for (std::size_t i = 0; i < 4; ++i) out.rtmr[i].bytes[0] = static_cast<std::uint8_t>(i + 2);
    return out;
}

Policy policy() {
    Policy out = Policy::of(Preset::kDevelopment);
    out.measurements = {measurement(), measurement()};
    out.models = {Digest256{{1}}};
    out.engine_profiles = {Digest256{{2}}, Digest256{{3}}};
    out.max_evidence_age = Seconds(60);
    out.candidates = 3;
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Policy, ReadsWhatItWrites) {
    for (Preset preset : {Preset::kStrict, Preset::kDevelopment})
        for (bool pq : {false, true}) {
            Policy value = policy();
            value.preset = preset;
            value.require_pq = pq;
            const auto read = Policy::parse(as_bytes(value.to_json()));
            ASSERT_TRUE(read) << read.error().describe();
            EXPECT_EQ(read->to_json(), value.to_json());
            EXPECT_EQ(read->preset, preset);
            EXPECT_EQ(read->measurements, value.measurements);
            EXPECT_EQ(read->models, value.models);
            EXPECT_EQ(read->engine_profiles, value.engine_profiles);
            EXPECT_EQ(read->max_evidence_age, Seconds(60));
            EXPECT_EQ(read->candidates, 3U);
            EXPECT_EQ(read->require_pq, pq);
        }
}

TEST(Policy, PresetsAcceptNothingYet) {
    for (Preset preset : {Preset::kStrict, Preset::kDevelopment}) {
        const Policy value = Policy::of(preset);
        EXPECT_TRUE(value.measurements.empty() && value.models.empty() && value.engine_profiles.empty());
        EXPECT_EQ(value.candidates, 2U);
        EXPECT_EQ(value.max_evidence_age, Seconds(300));
    }
    EXPECT_EQ(Policy::of(Preset::kStrict).require_pq, hpke::have_ml_kem());
    EXPECT_FALSE(Policy::of(Preset::kDevelopment).require_pq);
}

TEST(Policy, NamesTheMemberThatIsWrong) {
    const std::string good = policy().to_json();
    const auto refused = [&](std::string_view from, std::string_view to, std::string_view name) {
        const auto read = Policy::parse(as_bytes(replaced(good, from, to)));
        ASSERT_FALSE(read) << to;
        EXPECT_EQ(read.error(), kBadPolicy);
        EXPECT_NE(read.error().text().find("`" + std::string(name) + "`"), std::string::npos)
            << read.error().describe();
    };
    for (std::string_view member :
         {"version", "preset", "measurements", "models", "engine_profiles", "max_evidence_age", "candidates",
          "require_pq", "release", "mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"}) {
        const std::string quoted = "\"" + std::string(member) + "\":";
        refused(quoted, "\"x" + std::string(member) + "\":", member);  // missing
    }
    refused("{\"version\":1,", "{\"version\":1,\"trust_all\":true,", "trust_all");
    refused("\"mrtd\":", "\"note\":1,\"mrtd\":", "note");
    refused("\"version\":1", "\"version\":2", "version");
    refused("\"development\"", "\"Development\"", "preset");
    refused("\"candidates\":3", "\"candidates\":0", "candidates");
    refused("\"candidates\":3", "\"candidates\":9", "candidates");
    refused("\"candidates\":3", "\"candidates\":\"3\"", "candidates");
    refused("\"max_evidence_age\":60", "\"max_evidence_age\":60.5", "max_evidence_age");
    refused("\"max_evidence_age\":60", "\"max_evidence_age\":-1", "max_evidence_age");
    refused("\"require_pq\":false", "\"require_pq\":0", "require_pq");
    refused("\"models\":[\"01", "\"models\":[\"", "models");
    refused("\"models\":[", "\"models\":[null,", "models");
    refused("\"mrtd\":\"01", "\"mrtd\":\"zz", "mrtd");
    refused("\"rtmr2\":\"04", "\"rtmr2\":\"", "rtmr2");
    refused("demo-1.0.0", "demo 1.0.0", "release");
}

TEST(Policy, RefusesWhatIsNotStrictJson) {
    const std::string good = policy().to_json();
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), good + "{}", "{" + good,
          replaced(good, "\"candidates\":3", "\"candidates\":3,\"candidates\":3"), replaced(good, "}", "},")})
        EXPECT_EQ(Policy::parse(as_bytes(text)).error(), kBadPolicy) << text;
}

TEST(Measurement, FileFormIsOneObject) {
    const auto read = TdxMeasurement::parse(as_bytes(measurement().to_json()));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(*read, measurement());
    EXPECT_EQ(TdxMeasurement::parse(as_bytes("{\"release\":\"a\"}")).error(), kBadPolicy);
}

}  // namespace
}  // namespace openpcc::policy
