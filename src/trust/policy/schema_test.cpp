// SPDX-License-Identifier: Apache-2.0
// Code, schema (docs/reference/policy.schema.json) and document (docs/reference/policy.md) say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

std::string file(const std::string& name) {
    std::ifstream in(std::string(OPENPCC_SOURCE_DIR) + "/docs/reference/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Schema judges by the part of JSON Schema (2020-12) that the published file uses; another keyword is a failure, so
// that nothing in the file goes unheard.
class Schema {
  public:
    Schema() : root_(json::parse(as_bytes(file("policy.schema.json"))).value()) {}
    const json::Value& root() const { return root_; }
    bool accepts(const json::Value& value) const { return judge(root_, value); }
    const json::Value& resolve(const json::Value& schema) const {
        const json::Value* reference = schema.get("$ref");
        if (reference == nullptr) return schema;
        const std::string name(reference->as_string().value().substr(std::string_view("#/$defs/").size()));
        return resolve(*root_.get("$defs")->get(name));
    }

  private:
    bool judge(const json::Value& unresolved, const json::Value& value) const {
        const json::Value& schema = resolve(unresolved);
        return std::ranges::all_of(schema.members(), [&](const json::Member& member) {
            return keyword(member.first, member.second, schema, value);
        });
    }
    bool keyword(std::string_view name, const json::Value& rule, const json::Value& schema,
                 const json::Value& value) const {
        static const std::set<std::string_view> kSilent{"$schema", "$id",         "$defs",
                                                        "title",   "description", "additionalProperties"};
        if (kSilent.contains(name)) return true;
        if (name == "type") return is(rule.as_string().value(), value);
        if (name == "const") return rule.to_text() == value.to_text();
        if (name == "enum") return contains(rule, value);
        if (name == "anyOf" || name == "oneOf") {
            const auto count =
                std::ranges::count_if(rule.elements(), [&](const json::Value& one) { return judge(one, value); });
            return name == "anyOf" ? count > 0 : count == 1;
        }
        if (value.is_object()) return object(name, rule, schema, value);
        if (value.is_array()) return array(name, rule, value);
        return scalar(name, rule, value);
    }
    static bool is(std::string_view type, const json::Value& value) {
        using Kind = json::Value::Kind;
        if (type == "integer") return value.as_int().has_value();
        return value.kind() == (type == "object"    ? Kind::kObject
                                : type == "array"   ? Kind::kArray
                                : type == "string"  ? Kind::kString
                                : type == "boolean" ? Kind::kBool
                                                    : Kind::kNull);
    }
    static bool contains(const json::Value& list, const json::Value& value) {
        return std::ranges::any_of(list.elements(),
                                   [&](const json::Value& one) { return one.to_text() == value.to_text(); });
    }
    bool object(std::string_view name, const json::Value& rule, const json::Value& schema,
                const json::Value& value) const {
        if (name == "required")
            return std::ranges::all_of(
                rule.elements(), [&](const json::Value& one) { return value.get(one.as_string().value()) != nullptr; });
        if (name != "properties") return unheard(name);
        EXPECT_EQ(schema.get("additionalProperties")->as_bool(), false);
        return std::ranges::all_of(value.members(), [&](const json::Member& member) {
            const json::Value* property = rule.get(member.first);
            return property != nullptr && judge(*property, member.second);
        });
    }
    bool array(std::string_view name, const json::Value& rule, const json::Value& value) const {
        const auto& elements = value.elements();
        const auto size = static_cast<std::int64_t>(elements.size());
        if (name == "maxItems") return size <= rule.as_int();
        if (name == "minItems") return size >= rule.as_int();
        if (name == "items") return std::ranges::all_of(elements, [&](const auto& one) { return judge(rule, one); });
        if (name != "uniqueItems") return unheard(name);
        std::set<std::string> texts;
        for (const json::Value& element : elements) texts.insert(element.to_text());
        return texts.size() == elements.size();
    }
    static bool scalar(std::string_view name, const json::Value& rule, const json::Value& value) {
        static const std::set<std::string_view> kOther{"properties", "required", "items",
                                                       "maxItems",   "minItems", "uniqueItems"};
        if (kOther.contains(name)) return true;
        if (name == "pattern") {
            // Compiled once: most of the time of this test would go there.
            static std::map<std::string, std::regex, std::less<>> compiled;
            const std::string source(rule.as_string().value());
            const std::regex& pattern = compiled.try_emplace(source, source).first->second;
            const auto text = value.as_string();
            return !text || std::regex_match(std::string(*text), pattern);
        }
        if (name == "minimum") return !value.as_int() || *value.as_int() >= rule.as_int();
        if (name == "maximum") return !value.as_int() || *value.as_int() <= rule.as_int();
        return unheard(name);
    }
    static bool unheard(std::string_view name) {
        ADD_FAILURE() << "keyword " << name << " is not known to this test";
        return false;
    }

    json::Value root_;
};

const Schema& schema() {
    static const Schema value;
    return value;
}

void expect_same(const json::Value& value, const std::string& what) {
    const std::string text = value.to_text();
    EXPECT_EQ(schema().accepts(value), Policy::parse(as_bytes(text)).has_value()) << what;
}

// Values that are wrong in one way or another nearly everywhere, and right in some places.
std::vector<json::Value> replacements() {
    std::vector<json::Value> out;
    for (std::string_view text : {"null",
                                  "true",
                                  "0",
                                  "1",
                                  "2",
                                  "-1",
                                  "3",
                                  "4",
                                  "8",
                                  "9",
                                  "255",
                                  "256",
                                  "3650",
                                  "3651",
                                  "86400",
                                  "86401",
                                  "4294967295",
                                  "4294967296",
                                  "1.5",
                                  "\"\"",
                                  "\"any\"",
                                  "\"one\"",
                                  "\"zero\"",
                                  "\"strict\"",
                                  "\"x\"",
                                  "\"a b\"",
                                  "\"INTEL-SA-01103\"",
                                  "\"2026-11-25T07:00:00Z\"",
                                  "\"2026-11-25\"",
                                  "\"Milan\"",
                                  "\"UpToDate\"",
                                  "\"tdx.debug\"",
                                  "[]",
                                  "{}",
                                  "[null]",
                                  "[[]]"})
        out.push_back(json::parse(as_bytes(text)).value());
    for (std::size_t size : {32U, 47U, 48U, 64U}) out.push_back(json::Value::string(std::string(2 * size, 'a')));
    out.push_back(json::Value::string(std::string(64, 'A')));
    out.push_back(json::Value::string(std::string(129, 'a')));
    out.push_back(json::Value::string(std::string(257, 'a')));
    return out;
}

// What a schema of this kind cannot say: order of times, days of the calendar, and one rule per key.
bool beyond_schema(const std::string& path) {
    return path == "issued" || path == "expires" || path.ends_with("amber_days") || path.ends_with("red_days") ||
           path.ends_with(".major");
}

// each_place calls `visit(place, path)` with every value of the tree.
template <class Visit>
void each_place(json::Value& value, const std::string& path, const Visit& visit) {
    visit(value, path);
    if (value.is_object())
        for (const auto& member : value.members())
            each_place(const_cast<json::Value&>(member.second), path.empty() ? member.first : path + "." + member.first,
                       visit);
    if (value.is_array())
        for (std::size_t i = 0; i < value.elements().size(); ++i)
            each_place(const_cast<json::Value&>(value.elements()[i]), path + "[" + std::to_string(i) + "]", visit);
}

TEST(Schema, AcceptsWhatTheProgramWrites) {
    for (Preset preset : kPresets) {
        EXPECT_TRUE(schema().accepts(sample_json(sample_policy(preset))));
        EXPECT_TRUE(schema().accepts(sample_json(Policy::of(preset, sample_time()))));
    }
}

TEST(Schema, AndParserAgreeAboutEveryValueInEveryPlace) {
    const auto values = replacements();
    std::size_t cases = 0;
    auto tree = sample_json();
    each_place(tree, "", [&](json::Value& place, const std::string& path) {
        if (path.empty() || beyond_schema(path)) return;
        const auto kept = place.clone();
        for (const json::Value& value : values) {
            place = value.clone();
            expect_same(tree, path + " = " + value.to_text());
            ++cases;
        }
        place = kept.clone();
    });
    EXPECT_GT(cases, 8000U);
}

// systems.md GW-23: what is accepted and then dropped is a rule that nobody enforces. Wherever another value is
// accepted, the policy that comes out is another one.
TEST(Schema, GW_23_NoMemberIsReadAndDropped) {
    const auto values = replacements();
    const Policy original = sample_policy();
    auto tree = sample_json();
    std::size_t changed = 0;
    each_place(tree, "", [&](json::Value& place, const std::string& path) {
        if (path.empty() || place.is_object() || place.is_array()) return;
        const auto kept = place.clone();
        for (const json::Value& value : values) {
            if (value.to_text() == kept.to_text()) continue;
            place = value.clone();
            const auto read = Policy::parse(as_bytes(tree.to_text()));
            if (!read) continue;
            EXPECT_FALSE(*read == original) << path << " = " << value.to_text();
            ++changed;
            break;
        }
        place = kept.clone();
    });
    // Nearly every leaf of the tree has another value among those; names of presets and the like have few.
    EXPECT_GT(changed, 110U);
}

TEST(Schema, AndParserAgreeAboutMembersThatAreMissingOrUnknown) {
    auto tree = sample_json();
    each_place(tree, "", [&](json::Value& place, const std::string& path) {
        if (!place.is_object()) return;
        const auto kept = place.clone();
        for (const auto& member : kept.members()) {
            place.remove(member.first);
            expect_same(tree, path + " without " + member.first);
            place = kept.clone();
        }
        place.set("unknown", json::Value());
        expect_same(tree, path + " with an unknown member");
        place = kept.clone();
    });
}

// Every name that the schema gives to a member or allows as a value stands in the document as code.
void expect_documented(const json::Value& part, const std::string& document) {
    if (const json::Value* properties = part.get("properties"); properties != nullptr && properties->is_object())
        for (const auto& member : properties->members())
            EXPECT_TRUE(document.contains("`" + member.first + "`") || document.contains("\"" + member.first + "\""))
                << member.first;
    if (const json::Value* values = part.get("enum"))
        for (const json::Value& value : values->elements())
            EXPECT_THAT(document, ::testing::HasSubstr("`" + std::string(value.as_string().value()) + "`"));
    for (const auto& member : part.members()) {
        if (member.second.is_object()) expect_documented(member.second, document);
        if (member.second.is_array())
            for (const json::Value& element : member.second.elements())
                if (element.is_object()) expect_documented(element, document);
    }
}

TEST(Schema, AndDocumentNameTheSame) {
    const std::string document = file("policy.md");
    expect_documented(schema().root(), document);
    // And the tables of the document name nothing else.
    std::set<std::string> names;
    auto tree = sample_json();
    each_place(tree, "", [&](json::Value& place, const std::string&) {
        if (place.is_object())
            for (const auto& member : place.members()) names.insert(member.first);
    });
    static const std::regex kRow(R"(\n\| ((?:`[a-z0-9_]+`(?:, )?)+) \|)");
    static const std::regex kName("`([a-z0-9_]+)`");
    std::size_t rows = 0;
    const std::string members = document.substr(0, document.find("## Presets"));
    for (std::sregex_iterator row(members.begin(), members.end(), kRow), end; row != end; ++row, ++rows) {
        const std::string cell = (*row)[1];
        for (std::sregex_iterator name(cell.begin(), cell.end(), kName); name != end; ++name)
            EXPECT_TRUE(names.contains((*name)[1])) << (*name)[1];
    }
    EXPECT_GT(rows, 40U);
}

}  // namespace
}  // namespace openpcc::policy
