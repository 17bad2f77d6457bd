// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/x509/inside.hpp"
#include "wire/der.hpp"

namespace openpcc::x509 {

namespace {

using wire::Der;

// One attribute of a name, in a set of its own and in plain text: what nearly all names are made of.
struct Attribute {
    ByteView type;
    ByteView text;
};

std::optional<Attribute> plain_attribute(Der& sets) {
    auto set = sets.enter(Der::kSet);
    if (!set) return std::nullopt;
    auto pair = set->enter(Der::kSequence);
    if (!pair || !set->done()) return std::nullopt;
    const auto type = pair->take(Der::kOid);
    const auto value = pair->take_any();
    if (!type || !value || !pair->done()) return std::nullopt;
    const bool text =
        value->tag == Der::kUtf8String || value->tag == Der::kPrintableString || value->tag == Der::kIa5String;
    if (!text || !std::ranges::all_of(value->content, [](std::uint8_t c) { return c < 0x80; })) return std::nullopt;
    return Attribute{*type, value->content};
}

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
std::uint8_t lower(std::uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c + ('a' - 'A')) : c; }

// Texts that differ by more than case and white space are not equal by any rule of RFC 5280 section 7.1.
bool letters_differ(ByteView a, ByteView b) {
    const auto skip = [](ByteView text, std::size_t i) {
        while (i < text.size() && is_space(text[i])) ++i;
        return i;
    };
    std::size_t i = skip(a, 0);
    std::size_t j = skip(b, 0);
    for (; i < a.size() && j < b.size(); i = skip(a, i + 1), j = skip(b, j + 1))
        if (lower(a[i]) != lower(b[j])) return true;
    return i < a.size() || j < b.size();
}

// surely_differ finds the first attribute in which two names cannot be equal. It gives up at whatever is not plain:
// then, and when nothing differs, OpenSSL decides.
bool surely_differ(ByteView a, ByteView b) {
    Der left_outer(a);
    Der right_outer(b);
    auto left = left_outer.enter(Der::kSequence);
    auto right = right_outer.enter(Der::kSequence);
    if (!left || !right) return false;
    while (!left->done() && !right->done()) {
        const auto one = plain_attribute(*left);
        const auto other = plain_attribute(*right);
        if (!one || !other) return false;
        if (!equal(one->type, other->type) || letters_differ(one->text, other->text)) return true;
    }
    return false;
}

}  // namespace

bool same_name(ByteView a, ByteView b) {
    if (equal(a, b)) return true;
    if (surely_differ(a, b)) return false;
    const auto read = [](ByteView der) {
        const std::uint8_t* at = der.data();
        return std::unique_ptr<X509_NAME, crypto::Freed<X509_NAME_free>>(
            d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
    };
    const crypto::ErrorsLeftClean clean;
    const auto left = read(a);
    const auto right = read(b);
    return left != nullptr && right != nullptr && X509_NAME_cmp(left.get(), right.get()) == 0;
}

}  // namespace openpcc::x509
