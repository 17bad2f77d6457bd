// SPDX-License-Identifier: Apache-2.0
// Real collateral, kept beside the tree and not in it, in all the forms that others write it in.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "core/text.hpp"
#include "trust/collateral/foreign.hpp"
#include "trust/collateral/forms.hpp"
#include "trust/collateral/items.hpp"

namespace openpcc::collateral {
namespace {

const std::filesystem::path kEvidence = std::filesystem::path(OPENPCC_SOURCE_DIR).parent_path() / "shared" / "evidence";

class Samples : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(kEvidence))
            GTEST_SKIP() << kEvidence << " is not there: real collateral is NOT tested";
    }
    static Packed pack(const std::vector<std::string>& names) {
        Packer packer;
        for (const std::string& name : names) {
            std::ifstream file(kEvidence / name, std::ios::binary);
            EXPECT_TRUE(file) << name;
            const std::string content((std::istreambuf_iterator<char>(file)), {});
            packer.add(name, as_bytes(content));
        }
        return std::move(packer).finish();
    }
};

// What is signed comes back byte for byte: the chain's key verifies it.
void expect_signed(const tdx::SignedJson& body) {
    const auto chain = x509::Certificate::parse_pem_chain(body.issuer_chain, 4);
    const auto part = signed_part(as_text(body.json));
    ASSERT_TRUE(chain && part);
    EXPECT_TRUE(chain->front().key().verify(crypto::Scheme::kEcdsaP256Sha256, as_bytes(part->object),
                                            from_hex(part->signature).value()));
}

struct Row {
    std::vector<std::string> inputs;
    std::size_t tcb_infos;
    std::size_t identities;
    std::size_t lists;
    std::size_t unknown;
};

TEST_F(Samples, EveryFormIsRead) {
    const Row rows[] = {
        {{"tdx/dcap-qvl/tdx_quote_collateral.json"}, 1, 1, 2, 0},
        {{"tdx/dcap-qvl/tdx_quote_outdated_collateral.json"}, 1, 1, 2, 0},
        {{"tdx/dcap-qvl/sgx_quote_collateral.json"}, 0, 0, 2, 0},
        {{"tdx/near-mpc/collateral.json"}, 1, 1, 2, 0},
        {{"tdx/nearai/collateral.json"}, 1, 1, 2, 0},
        {{"tdx/teepot/tdx_tcb_info_00806F050000.json", "tdx/teepot/tdx_qe_identity.json",
          "tdx/teepot/pck_crl_platform.json", "tdx/teepot/pck_crl_processor.json", "tdx/teepot/tdx_tcb_eval_nums.json",
          "tdx/teepot/sgx_tcb_info_v3.json", "tdx/teepot/sgx_qve_identity.json"},
         1,
         1,
         2,
         0},
        {{"tdx/automata/2025-07/tcb_info_v3_with_tdx_module.json", "tdx/automata/2025-07/qe_identity.json",
          "tdx/automata/2025-07/signing.der", "tdx/automata/2025-07/intel_root_ca_crl.der",
          "tdx/automata/2025-07/pck_platform_crl.der"},
         1,
         1,
         2,
         0},
        {{"tdx/go-tdx-guest/sample_tcbInfo_response", "tdx/go-tdx-guest/sample_qeIdentity_response",
          "tdx/go-tdx-guest/tcb_signing_chain.pem", "tdx/go-tdx-guest/pckcrl.der", "tdx/go-tdx-guest/rootcrl.der"},
         1,
         1,
         2,
         0},
        {{"openpcc-go/decoded/amd_genoa_crl.crl", "openpcc-go/decoded/amd_milan_crl.crl"}, 0, 0, 2, 0},
        {{"tdx/automata/1025/tcb_info.json"}, 0, 0, 0, 1},
        {{"tdx/dcap-qvl/tdx_quote"}, 0, 0, 0, 1},
        {{"tdx/near-mpc/tcb_info.json"}, 0, 0, 0, 1},
    };
    for (const Row& row : rows) {
        const Packed packed = pack(row.inputs);
        const Collection& found = packed.collection;
        const auto unknown =
            static_cast<std::size_t>(std::ranges::count(packed.remarks, Remark::Kind::kUnknown, &Remark::kind));
        EXPECT_EQ(found.tdx.tcb_infos.size(), row.tcb_infos) << row.inputs[0];
        EXPECT_EQ(found.tdx.qe_identities.size(), row.identities) << row.inputs[0];
        EXPECT_EQ(found.tdx.crls.size() + found.snp.crls.size(), row.lists) << row.inputs[0];
        EXPECT_EQ(unknown, row.unknown) << row.inputs[0];
        for (const auto& body : found.tdx.tcb_infos) expect_signed(body);
        for (const auto& body : found.tdx.qe_identities) expect_signed(body);
        for (const Item& item : items_of(found)) EXPECT_EQ(item.problem, "") << row.inputs[0];
        const std::string file = found.to_json().value();
        EXPECT_EQ(Collection::parse(as_bytes(file))->claimed(), found);
    }
}

TEST_F(Samples, TwoDatesMergeToTheLaterOne) {
    const std::string older = "tdx/dcap-qvl/tdx_quote_collateral.json";  // FMSPC b0c06f000000, June 2025
    const std::string newer = "tdx/near-mpc/collateral.json";            // the same one, August 2026
    const Packed both = pack({newer, older});
    EXPECT_EQ(both.collection, pack({older, newer}).collection);
    ASSERT_EQ(both.collection.tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(to_rfc3339(read_tcb_info(both.collection.tdx.tcb_infos[0].json)->issued), "2026-08-13T10:45:38Z");
    EXPECT_EQ(both.collection.tdx.tcb_infos, pack({newer}).collection.tdx.tcb_infos);
}

}  // namespace
}  // namespace openpcc::collateral
