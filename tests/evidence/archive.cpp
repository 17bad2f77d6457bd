// SPDX-License-Identifier: Apache-2.0
#include "evidence/archive.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "evidence/words.hpp"
#include "trust/collateral/foreign.hpp"

namespace openpcc::collected {

namespace {

constexpr std::size_t kMaxFile = 16 << 20;

Bytes read(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read " + path.filename().string());
    return to_bytes(std::string((std::istreambuf_iterator<char>(stream)), {}));
}

std::vector<std::filesystem::path> regular_files(const std::filesystem::path& root) {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
        if (entry.is_regular_file() && entry.file_size() <= kMaxFile) out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
}

std::vector<const Stored*> pointers(const std::vector<Stored>& files) {
    std::vector<const Stored*> out;
    for (const Stored& file : files) out.push_back(&file);
    return out;
}

template <class Item>
void append(std::vector<Item>& all, const std::vector<Item>& more) {
    for (const Item& item : more)
        if (std::ranges::find(all, item) == all.end()) all.push_back(item);
}

}  // namespace

tdx::Anchors intel() {
    tdx::Anchors out;
    out.genuine = {tdx::intel_root()};
    return out;
}

snp::Anchors amd() {
    snp::Anchors out;
    out.genuine = snp::amd_roots();
    return out;
}

Archive::Archive(const std::vector<std::filesystem::path>& roots) : snp_({}, amd()) {
    std::set<std::string> known;
    for (const auto& root : roots) {
        if (!std::filesystem::is_directory(root)) continue;
        for (const auto& path : regular_files(root)) {
            std::string relative = path.lexically_relative(root).generic_string();
            if (!known.insert(relative).second) continue;
            Bytes bytes = read(path);
            Content content = content_of(bytes);
            files_.push_back({std::move(relative), std::move(bytes), std::move(content)});
        }
    }
    std::set<Digest256> seen;
    snp::Collateral lists;
    for (const Stored& file : files_) {
        const auto keep = [&](const x509::Certificate& each) {
            if (seen.insert(each.fingerprint()).second) certificates_.push_back(each);
        };
        std::ranges::for_each(file.content.certificates, keep);
        for (const Body& body : file.content.bodies) std::ranges::for_each(body.chain, keep);
        append(lists.crls, file.content.crls);
    }
    tdx_ = tdx::SignedCollateral(tdx_collateral(pointers(files_)), intel());
    snp_ = snp::SignedCollateral(lists, amd());
}

const Stored* Archive::find(std::string_view path) const {
    const auto file = std::ranges::find(files_, path, &Stored::path);
    return file == files_.end() ? nullptr : &*file;
}

std::vector<const Stored*> Archive::named(std::string_view text, std::string_view row) const {
    const std::string folder(row.substr(0, row.find_last_of('/') + 1));
    std::vector<const Stored*> out;
    for (const std::string& name : names(text)) {
        const Stored* found = find(folder + name);
        if (found == nullptr) found = find(name);
        if (found == nullptr && name.find('/') != std::string::npos) {
            const auto file = std::ranges::find_if(
                files_, [&](const Stored& each) { return ("/" + each.path).ends_with("/" + name); });
            if (file != files_.end()) found = &*file;
        }
        if (found != nullptr && found->path != row && std::ranges::find(out, found) == out.end()) out.push_back(found);
    }
    return out;
}

std::vector<x509::Certificate> Archive::certificates_named(std::string_view common_name) const {
    std::vector<x509::Certificate> out;
    for (const x509::Certificate& each : certificates_)
        if (each.subject_common_name() == common_name) out.push_back(each);
    return out;
}

std::vector<x509::Certificate> Archive::chain_of(const x509::Certificate& leaf,
                                                 const std::vector<x509::Certificate>& roots) const {
    constexpr std::size_t kMaxLength = 4;
    std::vector<x509::Certificate> chain = {leaf};
    while (chain.size() < kMaxLength && !x509::verify_chain(chain, roots, chain.back().not_before())) {
        const auto candidates = certificates_named(chain.back().issuer_common_name());
        const auto issuer = std::ranges::find_if(candidates, [&](const x509::Certificate& each) {
            const std::vector<x509::Certificate> pair = {chain.back(), each};
            const TimePoint both = std::max(chain.back().not_before(), each.not_before());
            return each.fingerprint() != chain.back().fingerprint() &&
                   x509::verify_chain(pair, {each}, both).has_value();
        });
        if (issuer == candidates.end()) break;
        chain.push_back(*issuer);
    }
    return chain;
}

tdx::Collateral Archive::tdx_collateral(const std::vector<const Stored*>& files) const {
    tdx::Collateral out;
    for (const Stored* file : files) {
        if (!file->content.collateral()) continue;
        // One file at a time: joining keeps what is newest, and rows are about older days.
        collateral::Packer packer;
        packer.add(file->path, file->bytes);
        for (const x509::Certificate& each : certificates_)
            if (each.subject_common_name() == tdx::kTcbSigningName) packer.add("", each.der());
        const collateral::Packed packed = std::move(packer).finish();
        append(out.tcb_infos, packed.collection.tdx.tcb_infos);
        append(out.qe_identities, packed.collection.tdx.qe_identities);
        append(out.crls, packed.collection.tdx.crls);
    }
    return out;
}

}  // namespace openpcc::collected
