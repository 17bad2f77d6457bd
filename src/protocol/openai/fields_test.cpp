// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/fields.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace openpcc::openai {
namespace {

// Cells of the rows between "<!-- NAME: begin -->" and its end in docs/reference/api.md, without the heading.
std::vector<std::vector<std::string>> table(const std::string& name) {
    std::ifstream file(OPENPCC_SOURCE_DIR "/docs/reference/api.md");
    std::vector<std::vector<std::string>> rows;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "<!-- " + name + ": begin -->") inside = true;
        if (line == "<!-- " + name + ": end -->") inside = false;
        if (!inside || !line.starts_with("| `")) continue;
        std::vector<std::string> cells;
        for (std::size_t begin = 1; begin < line.size();) {
            const std::size_t end = std::min(line.find('|', begin), line.size());
            const std::size_t first = std::min(line.find_first_not_of(' ', begin), end);
            cells.push_back(line.substr(first, end - first));
            while (cells.back().ends_with(' ')) cells.back().pop_back();
            begin = end + 1;
        }
        cells[0] = cells[0].substr(1, cells[0].size() - 2);
        rows.push_back(std::move(cells));
    }
    return rows;
}

std::string word(Treatment treatment) {
    switch (treatment) {
        case Treatment::kPassed:
            return "passed";
        case Treatment::kSet:
            return "set";
        case Treatment::kDropped:
            return "dropped";
        case Treatment::kRefused:
            return "refused";
    }
    return "";
}

std::string word(Place place) {
    return place == Place::kBoth ? "both" : place == Place::kChat ? "chat" : "completions";
}

TEST(Fields, RequestTableOfTheDocumentIsTheCodes) {
    const auto rows = table("request fields");
    ASSERT_EQ(rows.size(), request_fields().size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const FieldRule& rule = request_fields()[i];
        EXPECT_EQ(rows[i][0], rule.name);
        EXPECT_EQ(rows[i][1], word(rule.treatment)) << rule.name;
        EXPECT_EQ(rows[i][2], word(rule.place)) << rule.name;
    }
}

TEST(Fields, MessageTableOfTheDocumentIsTheCodes) {
    const auto rows = table("message fields");
    ASSERT_EQ(rows.size(), message_fields().size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i][0], message_fields()[i].name);
        EXPECT_EQ(rows[i][1], word(message_fields()[i].treatment)) << rows[i][0];
    }
}

void expect_fields(const std::string& name, std::span<const FieldRule> fields) {
    const auto rows = table(name);
    ASSERT_EQ(rows.size(), fields.size()) << name;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i][0], fields[i].name);
        EXPECT_EQ(rows[i][1], word(fields[i].treatment)) << rows[i][0];
    }
}

TEST(Fields, TablesOfTheOtherApisAreTheCodes) {
    expect_fields("anthropic fields", anthropic_fields());
    expect_fields("responses fields", responses_fields());
    expect_fields("embeddings fields", embeddings_fields());
}

// names is the cell that lists the members of one treatment.
std::string names(const BlockRule& block, Treatment treatment) {
    std::string out;
    for (const FieldRule& rule : block.members)
        if (rule.treatment == treatment) out += (out.empty() ? "`" : ", `") + std::string(rule.name) + "`";
    return out;
}

void expect_blocks(const std::string& name, std::span<const BlockRule> blocks) {
    const auto rows = table(name);
    ASSERT_EQ(rows.size(), blocks.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i][0], blocks[i].type);
        EXPECT_EQ(rows[i][1], word(blocks[i].treatment)) << rows[i][0];
        EXPECT_EQ(rows[i][2], names(blocks[i], Treatment::kPassed)) << rows[i][0];
        EXPECT_EQ(rows[i][3], names(blocks[i], Treatment::kDropped)) << rows[i][0];
        EXPECT_EQ(rows[i][4], names(blocks[i], Treatment::kRefused)) << rows[i][0];
    }
}

TEST(Fields, BlocksOfTheOtherApisAreTheCodes) {
    expect_blocks("anthropic blocks", anthropic_blocks());
    expect_blocks("responses items", responses_items());
    expect_blocks("responses parts", responses_parts());
}

TEST(Fields, NodeTableOfTheDocumentIsTheCodes) {
    const auto rows = table("node fields");
    ASSERT_EQ(rows.size(), node_fields().size());
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i][0], node_fields()[i]);
}

}  // namespace
}  // namespace openpcc::openai
