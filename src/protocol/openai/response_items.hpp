// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/plaintext.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

enum class ItemKind : std::uint8_t { kReasoning, kMessage, kCall };

// Item is one piece of a response's output while it is told, with the events that tell it. Its id is made of the
// response's own letters and its place.
class Item {
  public:
    Item(ItemKind kind, std::string_view letters, std::int64_t place, std::string_view call_id = {},
         std::string_view name = {});

    ItemKind kind() const { return kind_; }
    void append(std::string_view text) { text_.append(as_bytes(text)); }
    json::Value whole(std::string_view status) const;

    std::vector<json::Value> opening() const;
    json::Value delta(std::string_view text) const;
    std::vector<json::Value> closing() const;

  private:
    json::Value event(std::string_view type) const;
    json::Value part_event(std::string_view type) const;
    json::Value part() const;
    json::Value said() const;

    ItemKind kind_;
    std::string id_;
    std::int64_t place_;
    json::Value call_id_, name_;  // of a call
    Plaintext text_;              // what it says, or a call's arguments
};

}  // namespace openpcc::openai
