// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "core/text.hpp"
#include "vectors/topics.hpp"

namespace openpcc::vectors {

std::vector<std::filesystem::path> files(const std::filesystem::path& folder, std::string_view extension) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == extension) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

json::value load(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read " + file.filename().string());
    const std::string content((std::istreambuf_iterator<char>(stream)), {});
    json::parse_options options;
    options.max_depth = 64;
    return json::parse(content, {}, options);
}

std::string_view text(const json::object& object, std::string_view key) {
    const json::string& value = object.at(key).as_string();
    return {value.data(), value.size()};
}

std::uint64_t number(const json::object& object, std::string_view key) {
    return object.at(key).to_number<std::uint64_t>();
}

Bytes unhex(std::string_view digits) {
    auto bytes = from_hex(digits);
    if (!bytes) throw std::runtime_error("not hexadecimal: " + std::string(digits.substr(0, 40)));
    return *std::move(bytes);
}

Bytes hex(const json::object& object, std::string_view key) { return unhex(text(object, key)); }

}  // namespace openpcc::vectors
