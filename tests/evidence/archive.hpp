// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/content.hpp"
#include "evidence/snp/signed_collateral.hpp"
#include "evidence/tdx/signed_collateral.hpp"

namespace openpcc::collected {

struct Stored {
    std::string path;  // relative to its root
    Bytes bytes;
    Content content;

    std::string folder() const { return path.substr(0, path.find_last_of('/') + 1); }
    std::string name() const { return path.substr(path.find_last_of('/') + 1); }
};

// Archive is every file under the root, and under others that complete it: issuers, collateral and logs that rows refer
// to.
class Archive {
  public:
    // Throws when a file cannot be read. Later roots never hide a file of an earlier one.
    explicit Archive(const std::vector<std::filesystem::path>& roots);

    const std::vector<Stored>& files() const { return files_; }
    const Stored* find(std::string_view path) const;
    // named are the files that a text names: by path, by the end of a path, or by name in the folder of `row`.
    std::vector<const Stored*> named(std::string_view text, std::string_view row) const;

    // issuers_of are the certificates of that name, of all files.
    std::vector<x509::Certificate> certificates_named(std::string_view common_name) const;
    // chain_of is `leaf` with what stands between it and one of `roots`; the leaf alone when nothing fits.
    std::vector<x509::Certificate> chain_of(const x509::Certificate& leaf,
                                            const std::vector<x509::Certificate>& roots) const;

    // tdx_collateral joins what these files hold; a body without its chain gets the signing certificate that fits.
    tdx::Collateral tdx_collateral(const std::vector<const Stored*>& files) const;
    // Everything, with signatures checked once.
    const tdx::SignedCollateral& tdx() const { return tdx_; }
    const snp::SignedCollateral& snp() const { return snp_; }

  private:
    std::vector<Stored> files_;
    std::vector<x509::Certificate> certificates_;  // each once
    tdx::SignedCollateral tdx_;
    snp::SignedCollateral snp_;
};

tdx::Anchors intel();
snp::Anchors amd();

}  // namespace openpcc::collected
