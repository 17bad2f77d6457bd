// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/models.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "protocol/openai/errors.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::string_view kList = "/v1/models";
constexpr std::size_t kMostNameBytes = 128;  // of a model, as an engine profile has it

std::unexpected<Error> unknown() { return fail(kUnknownModel, "no model of that name: GET /v1/models lists them"); }

// SDKs write the slash of a name like "maker/model" as %2F.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        out += static_cast<char>((*byte)[0]);
        i += 2;
    }
    return out;
}

bool is_name(std::string_view name) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-/:").contains(c);
    };
    return !name.empty() && name.size() <= kMostNameBytes && std::ranges::all_of(name, good);
}

// There is no date to tell: a statement has none, and the file's is nobody's business.
Value entry(const std::string& name) {
    Value out = Value::object();
    out.set("id", Value::string(name));
    out.set("object", Value::string("model"));
    out.set("created", Value::integer(0));
    out.set("owned_by", Value::string("openpcc"));
    out.set("type", Value::string("model"));
    out.set("display_name", Value::string(name));
    out.set("created_at", Value::string("1970-01-01T00:00:00Z"));
    return out;
}

}  // namespace

Result<std::optional<std::string>> models_path(std::string_view path) {
    path = path.substr(0, path.find('?'));
    if (path == kList) return std::string(kList);
    if (!path.starts_with(kList) || path[kList.size()] != '/') return std::nullopt;
    const auto name = unescaped(path.substr(kList.size() + 1));
    if (!name || !is_name(*name)) return unknown();
    return std::string(kList) + "/" + *name;
}

Result<std::string> models_body(std::string_view path, const Dialect& dialect) {
    if (path != kList) {
        const std::string name(path.substr(std::min(path.size(), kList.size() + 1)));
        const auto& aliases = dialect.model_aliases;
        if (name != dialect.model_name && std::ranges::find(aliases, name) == aliases.end()) return unknown();
        return entry(name).to_text();
    }
    Value list = Value::object();
    list.set("object", Value::string("list"));
    list.set("data", Value::array()).push(entry(dialect.model_name));
    list.set("has_more", Value::boolean(false));
    list.set("first_id", Value::string(dialect.model_name));
    list.set("last_id", Value::string(dialect.model_name));
    return list.to_text();
}

}  // namespace openpcc::openai
