// SPDX-License-Identifier: Apache-2.0
// libFuzzer's mutations of recipes: they stay recipes, of fields that the base has.
#include <algorithm>
#include <cstring>
#include <map>
#include <random>

#include "core/assert.hpp"
#include "verifier/node.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace openpcc::hostile {
namespace {

using Fields = std::vector<std::vector<Known>>;  // grouped by the first word of their names

// Edits that other fields hang on: lists that are empty in a good node, and what is only there when it is asked for.
constexpr std::string_view kOpeners[] = {"base tdx\nlog.given set 0 0 01\n",
                                         "base tdx\npolicy.exceptions insert 0 0 00\n"};

// fields_of makes the good node once and asks which fields it has had.
const Fields& fields_of(Base base) {
    static const std::vector<Fields> all = [] {
        std::vector<Fields> out;
        for (std::size_t i = 0; i < kBases; ++i) {
            std::map<std::string, std::map<std::string, std::size_t>> groups;
            for (const std::string_view opener : {std::string_view("base tdx\n"), kOpeners[0], kOpeners[1]}) {
                Recipe recipe = Recipe::parse(opener).value();
                recipe.base = static_cast<Base>(i);
                Edits edits(recipe);
                OPENPCC_ASSERT(make_node(recipe, edits).has_value());
                for (const Known& known : edits.known())
                    groups[known.name.substr(0, known.name.find('.'))][known.name] = known.size;
            }
            Fields& fields = out.emplace_back();
            for (const auto& [group, names] : groups) {
                fields.emplace_back();
                for (const auto& [name, size] : names) fields.back().push_back({name, size});
            }
        }
        return out;
    }();
    return all[static_cast<std::size_t>(base)];
}

class Mutator {
  public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    void mutate(Recipe& recipe) {
        const std::size_t kind = below(10);
        if (recipe.edits.empty() || (kind < 4 && recipe.edits.size() < Recipe::kMostEdits)) return add(recipe);
        Edit& edit = recipe.edits[below(recipe.edits.size())];
        switch (kind) {
            case 4:
                recipe.edits.erase(recipe.edits.begin() + (&edit - recipe.edits.data()));
                return;
            case 5:
                if (recipe.edits.size() < Recipe::kMostEdits) recipe.edits.push_back(Edit(edit));
                return;
            case 6:
                std::swap(edit, recipe.edits[below(recipe.edits.size())]);
                return;
            case 7:
                if (below(4) == 0) recipe.base = static_cast<Base>(below(kBases));
                edit.op = static_cast<Op>(below(kOps));
                return;
            case 8:
                edit.at = place(edit.at + 64);
                edit.size = place(edit.size + 8);
                return;
            default:
                change_value(edit.value);
        }
    }

    // Most recipes are short: two hostile fields at once are seldom, and a third hides the others.
    Recipe cross(const Recipe& a, const Recipe& b) {
        Recipe out;
        out.base = below(2) == 0 ? a.base : b.base;
        for (const Recipe* each : {&a, &b})
            for (const Edit& edit : each->edits)
                if (out.edits.size() < Recipe::kMostEdits && below(2) == 0) out.edits.push_back(edit);
        return out;
    }

  private:
    std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

    std::uint32_t place(std::size_t size) {
        if (size == 0 || below(3) == 0) return 0;
        return static_cast<std::uint32_t>(below(size));
    }

    void add(Recipe& recipe) {
        const Fields& groups = fields_of(recipe.base);
        const auto& group = groups[below(groups.size())];
        const Known& field = group[below(group.size())];
        Edit edit{field.name, static_cast<Op>(below(kOps)), place(field.size), 0, {}};
        edit.size = edit.op == Op::kSwap ? place(field.size) : place(std::min<std::size_t>(field.size, 64)) + 1;
        edit.value = value(field.size);
        recipe.edits.push_back(std::move(edit));
    }

    Bytes value(std::size_t size) {
        static constexpr std::size_t kSizes[] = {0, 1, 2, 4, 8};
        Bytes out(below(3) == 0 ? std::min<std::size_t>(size, 64) : kSizes[below(std::size(kSizes))]);
        const std::size_t kind = below(4);
        for (std::uint8_t& byte : out.span()) {
            if (kind == 0) byte = static_cast<std::uint8_t>(below(256));
            if (kind == 1) byte = 0xff;
        }
        if (kind == 2 && !out.empty()) out[below(out.size())] = static_cast<std::uint8_t>(1U << below(8));
        if (kind == 3 && !out.empty()) out[0] = static_cast<std::uint8_t>(below(16));
        return out;
    }

    void change_value(Bytes& bytes) {
        if (below(4) == 0) return void(bytes = value(bytes.size()));
        const std::size_t size = bytes.size();
        bytes.resize(std::min(Recipe::kLongestValue, size + 64));
        bytes.resize(LLVMFuzzerMutate(bytes.data(), size, bytes.size()));
    }

    std::minstd_rand random_;
};

// A recipe that does not fit is left out whole.
std::size_t put(const Recipe& recipe, std::uint8_t* out, std::size_t most) {
    std::string text = recipe.text();
    if (text.size() > most) text = Recipe{recipe.base, {}}.text();
    if (text.size() > most) return 0;
    std::memcpy(out, text.data(), text.size());
    return text.size();
}

}  // namespace
}  // namespace openpcc::hostile

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    using namespace openpcc::hostile;
    Mutator mutator(seed);
    auto recipe = Recipe::parse(openpcc::as_text({data, size})).value_or(Recipe{static_cast<Base>(seed % kBases), {}});
    mutator.mutate(recipe);
    return put(recipe, data, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size, const std::uint8_t* b,
                                                 std::size_t b_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
    using namespace openpcc::hostile;
    const auto first = Recipe::parse(openpcc::as_text({a, a_size}));
    const auto second = Recipe::parse(openpcc::as_text({b, b_size}));
    if (!first || !second) return 0;
    return put(Mutator(seed).cross(*first, *second), out, max_size);
}
