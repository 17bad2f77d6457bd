// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.hpp"

// Intel's signed JSON as it stands in the text, without a copy. It is a part of RFC 8259, and the whole of what Intel
// writes: objects, lists, text of visible ASCII without escapes, and integers that are not negative. Everything else is
// tdx.bad_collateral, also a member that is there twice. Public, and read once, it needs neither the wiping nor the
// copies of wire/json, which cost as much as half a signature.
namespace openpcc::tdx {

class Tree;

// Node is one value of a tree that outlives it.
class Node {
  public:
    enum class Kind : std::uint8_t { kObject, kList, kText, kNumber };

    Kind kind() const;
    std::string_view name() const;  // of a member
    std::optional<std::string_view> text() const;
    std::optional<std::uint64_t> number() const;
    // size is the number of members or elements; first and next walk them.
    std::size_t size() const;
    std::optional<Node> first() const;
    std::optional<Node> next() const;
    std::optional<Node> get(std::string_view member) const;

  private:
    friend class Tree;
    Node(const Tree& tree, std::uint32_t at) : tree_(&tree), at_(at) {}
    const Tree* tree_;
    std::uint32_t at_;
};

// Tree borrows the text. Its memory is bounded by the text's size, which the caller bounds.
class Tree {
  public:
    static Result<Tree> parse(std::string_view text);
    Node root() const { return {*this, 0}; }

  private:
    friend class Node;
    friend class TreeReader;
    struct Item {
        Node::Kind kind = Node::Kind::kNumber;
        std::uint32_t size = 0;  // of children
        std::uint32_t next = 0;  // sibling, 0: none
        std::string_view name;
        std::string_view text;
        std::uint64_t number = 0;
    };
    std::vector<Item> items_;  // each before its children
};

}  // namespace openpcc::tdx
