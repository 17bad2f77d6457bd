// SPDX-License-Identifier: Apache-2.0
#include "evidence/row.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

#include "wire/json.hpp"

namespace openpcc::collected {

namespace {

std::string member(const json::Value& row, std::string_view name) {
    const json::Value* value = row.get(name);
    const auto text = value == nullptr ? std::nullopt : value->as_string();
    if (!text) throw std::runtime_error("a row of the manifest has no text \"" + std::string(name) + "\"");
    return std::string(*text);
}

}  // namespace

std::vector<Row> load_rows(const std::filesystem::path& manifest) {
    std::ifstream stream(manifest, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(stream)), {});
    const auto value = json::parse(as_bytes(content));
    if (!value || !value->is_array() || value->elements().empty())
        throw std::runtime_error("manifest.json is no list of rows");
    std::vector<Row> out;
    for (const json::Value& row : value->elements())
        out.push_back({member(row, "file"), member(row, "kind"), member(row, "what"), member(row, "enc"),
                       member(row, "verdict"), member(row, "t")});
    return out;
}

std::vector<Moment> moments(std::string_view t) {
    static const std::regex kTime(R"((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)(?:\s*\(([^)]*)\))?)");
    const std::string text(t);
    std::vector<Moment> out;
    for (std::sregex_iterator match(text.begin(), text.end(), kTime), end; match != end; ++match) {
        const auto time = parse_rfc3339((*match)[1].str());
        if (!time) throw std::runtime_error("a verification time that is none: " + text);
        out.push_back({*time, (*match)[2].str()});
    }
    return out;
}

}  // namespace openpcc::collected
