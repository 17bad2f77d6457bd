// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/tree.hpp"

#include "evidence/tdx/fields.hpp"

namespace openpcc::tdx {

namespace {

constexpr std::size_t kDepth = 8;
constexpr std::size_t kMaxMembers = 32;  // of one object; names are compared with one another

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// TreeReader is one pass over the text, by recursive descent of bounded depth.
class TreeReader {
  public:
    TreeReader(std::string_view text, Tree& out) : text_(text), items_(out.items_) {
        items_.reserve(text.size() / 12);  // what TCB info needs; more is made as it comes
    }

    bool read() {
        if (!read_value({}, 0)) return false;
        skip_space();
        return text_.empty();
    }

  private:
    void skip_space() {
        while (!text_.empty() && is_space(text_.front())) text_.remove_prefix(1);
    }
    bool take(char c) {
        skip_space();
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    bool read_value(std::string_view name, std::size_t depth) {
        skip_space();
        if (text_.empty() || depth > kDepth) return false;
        const std::size_t at = items_.size();
        items_.emplace_back().name = name;
        switch (text_.front()) {
            case '{':
                return read_children(at, '}', depth);
            case '[':
                return read_children(at, ']', depth);
            case '"':
                items_[at].kind = Node::Kind::kText;
                return read_text(items_[at].text);
            default:
                return read_number(items_[at]);
        }
    }

    bool read_children(std::size_t at, char end, std::size_t depth) {
        const bool object = end == '}';
        items_[at].kind = object ? Node::Kind::kObject : Node::Kind::kList;
        text_.remove_prefix(1);
        if (take(end)) return true;
        std::size_t last = 0;
        do {
            std::string_view name;
            if (object && (!read_name(name) || has_member(at, name))) return false;
            const std::size_t child = items_.size();
            if (!read_value(name, depth + 1)) return false;
            if (last != 0) items_[last].next = static_cast<std::uint32_t>(child);
            last = child;
            ++items_[at].size;
        } while (take(','));
        return take(end);
    }

    bool read_name(std::string_view& name) {
        skip_space();
        return !text_.empty() && text_.front() == '"' && read_text(name) && take(':');
    }

    // has_member: also where an object has more members than any that Intel writes.
    bool has_member(std::size_t object, std::string_view name) const {
        if (items_[object].size >= kMaxMembers) return true;
        std::size_t at = object + 1;
        for (std::uint32_t i = 0; i < items_[object].size; ++i, at = items_[at].next)
            if (items_[at].name == name) return true;
        return false;
    }

    bool read_text(std::string_view& out) {
        text_.remove_prefix(1);
        std::size_t size = 0;
        for (; size < text_.size() && text_[size] != '"'; ++size)
            if (text_[size] < 0x20 || text_[size] > 0x7e || text_[size] == '\\') return false;
        if (size == text_.size()) return false;
        out = text_.substr(0, size);
        text_.remove_prefix(size + 1);
        return true;
    }

    bool read_number(Tree::Item& out) {
        std::size_t size = 0;
        for (; size < text_.size() && is_digit(text_[size]); ++size) {
            if (size == 18) return false;
            out.number = out.number * 10 + static_cast<std::uint64_t>(text_[size] - '0');
        }
        if (size == 0 || (size > 1 && text_.front() == '0')) return false;
        text_.remove_prefix(size);
        return true;
    }

    std::string_view text_;
    std::vector<Tree::Item>& items_;
};

Result<Tree> Tree::parse(std::string_view text) {
    Tree out;
    if (!TreeReader(text, out).read()) return bad_collateral("not JSON as Intel writes it");
    return out;
}

Node::Kind Node::kind() const { return tree_->items_[at_].kind; }
std::string_view Node::name() const { return tree_->items_[at_].name; }
std::size_t Node::size() const { return tree_->items_[at_].size; }

std::optional<std::string_view> Node::text() const {
    return kind() == Kind::kText ? std::optional(tree_->items_[at_].text) : std::nullopt;
}

std::optional<std::uint64_t> Node::number() const {
    return kind() == Kind::kNumber ? std::optional(tree_->items_[at_].number) : std::nullopt;
}

std::optional<Node> Node::first() const { return size() == 0 ? std::nullopt : std::optional(Node(*tree_, at_ + 1)); }

std::optional<Node> Node::next() const {
    const std::uint32_t next = tree_->items_[at_].next;
    return next == 0 ? std::nullopt : std::optional(Node(*tree_, next));
}

std::optional<Node> Node::get(std::string_view member) const {
    if (kind() != Kind::kObject) return std::nullopt;
    for (auto each = first(); each; each = each->next())
        if (each->name() == member) return each;
    return std::nullopt;
}

}  // namespace openpcc::tdx
