// SPDX-License-Identifier: Apache-2.0
// Files of collateral, and what others write. A file that is read is written again byte for byte, and merging is in no
// order's hands; whatever is packed has a file form, if it is not
// too long for one.
#include "core/assert.hpp"
#include "trust/collateral/foreign.hpp"
#include "trust/collateral/items.hpp"
#include "trust/collateral/merge.hpp"

namespace openpcc::collateral {
namespace {

void check_file(ByteView bytes) {
    const auto read = Collection::parse(bytes);
    if (!read) return;
    const Collection& collection = read->claimed();
    const auto text = collection.to_json();
    OPENPCC_ASSERT(text && *text == as_text(bytes));
    OPENPCC_ASSERT(items_of(collection).size() == collection.snp.crls.size() + collection.tdx.crls.size() +
                                                      collection.tdx.qe_identities.size() +
                                                      collection.tdx.tcb_infos.size());
    const Collection once = merge(collection, {});
    OPENPCC_ASSERT(merge(once, once) == once && merge(once, collection) == once && merge(collection, once) == once);
}

void check_foreign(ByteView bytes) {
    // Two inputs, so that a certificate may find the answer that it belongs to.
    const std::string_view text = as_text(bytes);
    const std::size_t cut = text.find("\n====\n");
    Packer packer;
    packer.add("one", as_bytes(text.substr(0, cut)));
    if (cut != std::string_view::npos) packer.add("two", as_bytes(text.substr(cut + 6)));
    const Packed packed = std::move(packer).finish();
    const auto file = packed.collection.to_json();
    OPENPCC_ASSERT(file || file.error() == kTooLarge);
    if (file) OPENPCC_ASSERT(Collection::parse(as_bytes(*file))->claimed() == packed.collection);
}

}  // namespace
}  // namespace openpcc::collateral

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::collateral::check_file({data, size});
    openpcc::collateral::check_foreign({data, size});
    return 0;
}
