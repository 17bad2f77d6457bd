// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/tcb_info.hpp"

#include <algorithm>

namespace openpcc::tdx {

namespace {

constexpr std::size_t kComponents = 16;
constexpr std::size_t kMaxModules = 32;

// The members that both documents begin with.
template <class T>
Result<void> read_head(Fields& fields, std::string_view id, std::uint64_t version, T& out) {
    OPENPCC_TRY(const std::string_view found, fields.text("id"));
    if (found != id) return bad_collateral("id is not " + std::string(id));
    OPENPCC_TRY(const std::uint64_t number, fields.number("version", 0xffff));
    if (number != version) return bad_collateral("version is not " + std::to_string(version));
    OPENPCC_TRY(out.issued, fields.moment("issueDate"));
    OPENPCC_TRY(out.until, fields.moment("nextUpdate"));
    OPENPCC_TRY(const std::uint64_t evaluation, fields.number("tcbEvaluationDataNumber", 0xffffffff));
    out.evaluation = static_cast<std::uint32_t>(evaluation);
    return {};
}

Result<ModuleSigner> read_signer(Fields& fields) {
    ModuleSigner out;
    OPENPCC_TRY(out.mr_signer, fields.hex<Measurement>("mrsigner"));
    OPENPCC_TRY(out.attributes, fields.hex<ByteArray<8>>("attributes"));
    OPENPCC_TRY(out.attributes_mask, fields.hex<ByteArray<8>>("attributesMask"));
    return out;
}

Result<std::uint8_t> read_component(Node node) {
    OPENPCC_TRY(Fields fields, Fields::of(node));
    OPENPCC_TRY(const std::uint64_t svn, fields.number("svn", 0xff));
    for (const std::string_view name : {"category", "type"})  // for people
        if (const auto text = fields.optional(name); text && !text->text())
            return bad_collateral("a component's description is no text");
    OPENPCC_CHECK(fields.finish());
    return static_cast<std::uint8_t>(svn);
}

// Exactly 16: a short list would leave components uncompared.
Result<std::array<std::uint8_t, kComponents>> read_components(Fields& tcb, std::string_view name) {
    OPENPCC_TRY(const Node list, tcb.list(name, kComponents));
    if (list.size() != kComponents) return bad_collateral("not 16 components");
    std::array<std::uint8_t, kComponents> out{};
    std::size_t i = 0;
    for (auto each = list.first(); each; each = each->next()) {
        OPENPCC_TRY(out[i++], read_component(*each));
    }
    return out;
}

Result<TcbInfo::Level> read_level(Node node) {
    TcbInfo::Level out;
    OPENPCC_TRY(Fields fields, Fields::of(node));
    OPENPCC_TRY(const Node tcb_node, fields.need("tcb"));
    OPENPCC_TRY(Fields tcb, Fields::of(tcb_node));
    OPENPCC_TRY(out.sgx, read_components(tcb, "sgxtcbcomponents"));
    OPENPCC_TRY(const std::uint64_t pce_svn, tcb.number("pcesvn", 0xffff));
    out.pce_svn = static_cast<std::uint16_t>(pce_svn);
    OPENPCC_TRY(out.tdx, read_components(tcb, "tdxtcbcomponents"));
    OPENPCC_CHECK(tcb.finish());
    OPENPCC_TRY(out.grade, read_grade(fields, Statuses::kPlatform));
    OPENPCC_CHECK(fields.finish());
    return out;
}

// "TDX_" and two hex digits; major version 0 has no identity of its own.
Result<std::uint8_t> read_major(std::string_view id) {
    const auto major = id.starts_with("TDX_") ? array_from_hex<ByteArray<1>>(id.substr(4))
                                              : Result<ByteArray<1>>(fail(kBadCollateral));
    if (!major || major->bytes[0] == 0) return bad_collateral("a module identity without its version");
    return major->bytes[0];
}

Result<TcbInfo::Module> read_module(Node node) {
    TcbInfo::Module out;
    OPENPCC_TRY(Fields fields, Fields::of(node));
    OPENPCC_TRY(const std::string_view id, fields.text("id"));
    OPENPCC_TRY(out.major, read_major(id));
    OPENPCC_TRY(out.signer, read_signer(fields));
    OPENPCC_TRY(out.levels, read_svn_levels(fields));
    OPENPCC_CHECK(fields.finish());
    return out;
}

Result<std::vector<TcbInfo::Module>> read_modules(Fields& fields) {
    std::vector<TcbInfo::Module> out;
    const auto list = fields.optional("tdxModuleIdentities");
    if (!list) return out;  // answers of before 2024 have none
    if (list->kind() != Node::Kind::kList || list->size() > kMaxModules)
        return bad_collateral("tdxModuleIdentities is no list, or too long");
    for (auto each = list->first(); each; each = each->next()) {
        OPENPCC_TRY(TcbInfo::Module module, read_module(*each));
        if (std::ranges::find(out, module.major, &TcbInfo::Module::major) != out.end())
            return bad_collateral("a module identity twice");
        out.push_back(std::move(module));
    }
    return out;
}

Result<void> read_family(Fields& fields, TcbInfo& out) {
    OPENPCC_TRY(out.fmspc, fields.hex<ByteArray<6>>("fmspc"));
    OPENPCC_TRY(out.pce_id, fields.hex<ByteArray<2>>("pceId"));
    // How levels are compared; 0 is the one way that is defined.
    OPENPCC_CHECK(fields.number("tcbType", 0));
    OPENPCC_TRY(const Node module, fields.need("tdxModule"));
    OPENPCC_TRY(Fields signer, Fields::of(module));
    OPENPCC_TRY(out.module, read_signer(signer));
    return signer.finish();
}

}  // namespace

Result<Unverified<TcbInfo>> TcbInfo::parse(ByteView value) {
    TcbInfo out;
    OPENPCC_TRY(const Tree tree, Tree::parse(as_text(value)));
    OPENPCC_TRY(Fields fields, Fields::of(tree.root()));
    OPENPCC_CHECK(read_head(fields, "TDX", 3, out));
    OPENPCC_CHECK(read_family(fields, out));
    OPENPCC_TRY(out.modules, read_modules(fields));
    OPENPCC_TRY(const Node levels, fields.list("tcbLevels", kMaxLevels));
    for (auto each = levels.first(); each; each = each->next()) {
        OPENPCC_TRY(Level level, read_level(*each));
        out.levels.push_back(std::move(level));
    }
    OPENPCC_CHECK(fields.finish());
    if (out.levels.empty()) return bad_collateral("no level");
    return Unverified(std::move(out));
}

const TcbInfo::Module* TcbInfo::module_of(std::uint8_t major) const {
    const auto found = std::ranges::find(modules, major, &Module::major);
    return found == modules.end() ? nullptr : &*found;
}

Result<Unverified<QeIdentity>> QeIdentity::parse(ByteView value) {
    QeIdentity out;
    OPENPCC_TRY(const Tree tree, Tree::parse(as_text(value)));
    OPENPCC_TRY(Fields fields, Fields::of(tree.root()));
    OPENPCC_CHECK(read_head(fields, "TD_QE", 2, out));
    OPENPCC_TRY(out.misc_select, fields.hex<ByteArray<4>>("miscselect"));
    OPENPCC_TRY(out.misc_select_mask, fields.hex<ByteArray<4>>("miscselectMask"));
    OPENPCC_TRY(out.attributes, fields.hex<ByteArray<16>>("attributes"));
    OPENPCC_TRY(out.attributes_mask, fields.hex<ByteArray<16>>("attributesMask"));
    OPENPCC_TRY(out.mr_signer, fields.hex<ByteArray<32>>("mrsigner"));
    OPENPCC_TRY(const std::uint64_t product, fields.number("isvprodid", 0xffff));
    out.isv_prod_id = static_cast<std::uint16_t>(product);
    OPENPCC_TRY(out.levels, read_svn_levels(fields));
    OPENPCC_CHECK(fields.finish());
    return Unverified(std::move(out));
}

std::optional<Fmspc> claimed_fmspc(ByteView value) {
    const auto tree = Tree::parse(as_text(value));
    const auto fmspc = tree ? tree->root().get("fmspc") : std::nullopt;
    const auto text = fmspc ? fmspc->text() : std::nullopt;
    const auto out = array_from_hex<Fmspc>(text.value_or(""));
    return out ? std::optional(*out) : std::nullopt;
}

}  // namespace openpcc::tdx
