// SPDX-License-Identifier: Apache-2.0
#include "verifier/node.hpp"

#include "crypto/hash.hpp"
#include "trust/statement/fields.hpp"
#include "verifier/authorities.hpp"
#include "wire/writer.hpp"

namespace openpcc::hostile {

namespace {

// What is too long for its length is cut: no bytes could say it.
ByteView cut(ByteView bytes, std::size_t most) { return bytes.first(std::min(bytes.size(), most)); }

void say(Edits& edits, Said& said) {
    edits.field("statement.format", said.format);
    edits.field("statement.role", said.role);
    edits.field("statement.release", said.release);
    edits.list("statement.keys", said.keys, [](ByteView value) { return Bytes(value); });
    for (std::size_t i = 0; i < said.keys.size(); ++i) edits.field("statement.keys." + std::to_string(i), said.keys[i]);
    edits.field("statement.receipt_key", said.receipt_key);
    edits.field("statement.not_before", said.not_before);
    edits.field("statement.not_after", said.not_after);
    edits.field("statement.model", said.model);
    edits.field("statement.engine_profile", said.engine_profile);
    edits.field("statement.isolation", said.isolation);
    edits.field("statement.freshness", said.freshness);
    edits.field("statement.challenge", said.challenge);
    edits.field("statement.beacon", said.beacon);
    edits.optional("statement.devices", said.devices);
}

void claim_devices(Edits& edits, std::vector<statement::DeviceEvidence>& devices) {
    edits.list("devices", devices, [](ByteView value) {
        return statement::DeviceEvidence{1, Bytes(cut(value, 16)), to_bytes("report"), to_bytes("leaf")};
    });
    for (std::size_t i = 0; i < devices.size(); ++i) {
        const std::string name = "devices." + std::to_string(i);
        edits.field(name + ".kind", devices[i].kind);
        edits.field(name + ".id", devices[i].device_id);
        edits.field(name + ".report", devices[i].report);
        edits.field(name + ".leaf", devices[i].leaf_certificate);
    }
}

// statement-4.1, for bytes that need not be a statement.
statement::ReportData bind(std::uint8_t tee, ByteView statement) {
    const std::uint8_t kind[] = {tee};
    return statement::ReportData::from_view(
        crypto::sha512({statement::fields::label(statement::fields::kReportLabel), kind, statement}));
}

// statement-5.1
Bytes write_bundle(std::uint16_t format, const Node& node) {
    wire::Writer out;
    out.u16(format).vec16(cut(node.statement, 0xffff)).u8(node.called).vec32(node.evidence);
    out.u8(static_cast<std::uint8_t>(node.certificates.size()));
    for (const Bytes& certificate : node.certificates) out.vec16(cut(certificate, 0xffff));
    out.u8(static_cast<std::uint8_t>(node.devices.size()));
    for (const auto& device : node.devices)
        out.u8(device.kind)
            .vec8(cut(device.device_id, 0xff))
            .vec32(device.report)
            .vec16(cut(device.leaf_certificate, 0xffff));
    return std::move(out).take();
}

// What a host can change that has no key: everything after the signatures.
void present(Edits& edits, Node& node) {
    edits.field("bundle.statement", node.statement);
    edits.field("bundle.tee", node.called);
    edits.field("bundle.evidence", node.evidence);
    edits.list("bundle.certificates", node.certificates, [](ByteView value) { return Bytes(value); });
    for (std::size_t i = 0; i < node.certificates.size(); ++i)
        edits.field("bundle.certificates." + std::to_string(i), node.certificates[i]);
    std::vector<statement::DeviceEvidence> others = node.devices;
    edits.list("bundle.devices", others, [](ByteView value) {
        return statement::DeviceEvidence{1, Bytes(cut(value, 16)), to_bytes("report"), to_bytes("leaf")};
    });
    node.devices = std::move(others);
    std::uint16_t format = statement::fields::kBundleFormat;
    edits.field("bundle.format", format);
    node.bundle = write_bundle(format, node);
    edits.field("bundle.bytes", node.bundle);
}

void serve_json(Edits& edits, const std::string& name, std::vector<tdx::SignedJson>& list) {
    edits.list(name, list, [](ByteView value) { return tdx::SignedJson{Bytes(value), {}}; });
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string each = name + "." + std::to_string(i);
        edits.field(each + ".json", list[i].json);
        edits.field(each + ".chain", list[i].issuer_chain);
    }
}

void serve_lists(Edits& edits, const std::string& name, std::vector<Bytes>& list) {
    edits.list(name, list, [](ByteView value) { return Bytes(value); });
    for (std::size_t i = 0; i < list.size(); ++i) edits.field(name + "." + std::to_string(i), list[i]);
}

// What whoever serves collateral can change.
void serve(const Authorities& from, Edits& edits, Node& node) {
    serve_json(edits, "served.tcb_infos", node.collection.tdx.tcb_infos);
    serve_json(edits, "served.qe_identities", node.collection.tdx.qe_identities);
    serve_lists(edits, "served.tdx_crls", node.collection.tdx.crls);
    serve_lists(edits, "served.snp_crls", node.collection.snp.crls);
    const bool other = edits.touches("served.") || edits.touches("published.") || edits.touches("revoked.");
    node.collateral =
        other
            ? std::make_shared<const verify::SignedCollateral>(verify::sign_checked(node.collection, node.client.roots))
            : from.collateral;
}

}  // namespace

Bytes Said::write(const std::vector<statement::DeviceEvidence>& with) const {
    Bytes all_keys;
    for (const Bytes& key : keys) all_keys.append(key);
    wire::Writer out;
    out.u16(format).u8(role).vec8(cut(release, 0xff)).vec16(cut(all_keys, 0xffff)).vec16(cut(receipt_key, 0xffff));
    out.u64(not_before).u64(not_after).raw(model).raw(engine_profile).u8(isolation).u8(freshness);
    if (freshness == 1) out.raw(challenge);
    if (freshness == 2) out.vec16(cut(beacon, 0xffff));
    out.raw(devices ? *devices : statement::devices_digest(with));
    return std::move(out).take();
}

std::optional<Node> make_node(const Recipe& recipe, Edits& edits) {
    const Authorities& from = Authorities::get();
    Node node;
    node.base = recipe.base;
    node.said = from.said;
    node.client = from.client;
    node.collection = from.collection;
    say(edits, node.said);
    claim_devices(edits, node.devices);
    // Devices that the bundle's writer could not count, or without an id, have no digest either.
    for (const auto& device : node.devices)
        if (device.device_id.empty() || device.device_id.size() > 0xff) return std::nullopt;
    node.statement = node.said.write(node.devices);
    edits.field("statement.bytes", node.statement);
    node.bound_as = node.called = is_tdx(recipe.base) ? 1 : 2;
    edits.field("bound_as", node.bound_as);
    const auto bound = bind(node.bound_as, node.statement);
    const bool made = is_tdx(recipe.base) ? make_tdx(from, edits, bound, node) : make_snp(from, edits, bound, node);
    if (!made) return std::nullopt;
    present(edits, node);
    serve(from, edits, node);
    if (!make_client(edits, node)) return std::nullopt;
    return node;
}

}  // namespace openpcc::hostile
