// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "vectors/tally.hpp"

// Shared test vectors, replayed. A topic is one folder of the vectors and one file here; it reports every case to a
// Tally as passed, failed or skipped, and a skip has a reason, so that nothing is left out without a word.
namespace openpcc::vectors {

struct Topic {
    std::string_view name;
    void (*run)(const std::filesystem::path& folder, Tally& tally);
};

// One each in topic_NAME.cpp. They may throw: an exception is a failure of the topic.
void run_bhttp(const std::filesystem::path& folder, Tally& tally);
void run_ohttp(const std::filesystem::path& folder, Tally& tally);
void run_chunked_ohttp(const std::filesystem::path& folder, Tally& tally);
void run_hpke(const std::filesystem::path& folder, Tally& tally);
void run_hpke_pq(const std::filesystem::path& folder, Tally& tally);
void run_wycheproof(const std::filesystem::path& folder, Tally& tally);

// Reading. A field that is missing or of another kind throws: a vector file that is not understood must not pass.
namespace json = boost::json;
// files lists what has that extension (".json") in the folder, sorted by name.
std::vector<std::filesystem::path> files(const std::filesystem::path& folder, std::string_view extension);
json::value load(const std::filesystem::path& file);
std::string_view text(const json::object& object, std::string_view key);
std::uint64_t number(const json::object& object, std::string_view key);
Bytes hex(const json::object& object, std::string_view key);
Bytes unhex(std::string_view digits);

}  // namespace openpcc::vectors
