// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulated/pck_writer.hpp"

#include "wire/der.hpp"

namespace openpcc::simulated {

namespace {

using wire::Der;

Bytes der_number(std::uint16_t value) {
    Bytes content;
    if (value > 0xff) content.push_back(static_cast<std::uint8_t>(value >> 8));
    content.push_back(static_cast<std::uint8_t>(value));
    if ((content[0] & 0x80U) == 0) return der(Der::kInteger, content);
    return der(Der::kInteger, concat(Bytes{0}, content));  // positive
}

Bytes der_boolean(bool value) { return der(Der::kBoolean, Bytes{static_cast<std::uint8_t>(value ? 0xff : 0)}); }

Bytes write_tcb(const tdx::PckPlatform& platform) {
    Bytes list;
    for (std::uint8_t i = 0; i < 16; ++i)
        list.append(der_oid_pair({2, static_cast<std::uint8_t>(i + 1)}, der_number(platform.component_svn[i])));
    list.append(der_oid_pair({2, 17}, der_number(platform.pce_svn)));
    list.append(der_oid_pair({2, 18}, der(Der::kOctetString, platform.cpu_svn)));
    return der(Der::kSequence, list);
}

Bytes write_configuration(const tdx::PckPlatform::Configuration& configuration) {
    Bytes list;
    const std::optional<bool> members[] = {configuration.dynamic_platform, configuration.cached_keys,
                                           configuration.smt_enabled};
    for (std::uint8_t i = 0; i < 3; ++i)
        if (members[i]) list.append(der_oid_pair({7, static_cast<std::uint8_t>(i + 1)}, der_boolean(*members[i])));
    return der(Der::kSequence, list);
}

}  // namespace

Bytes der(std::uint8_t tag, ByteView content) {
    Bytes out{tag};
    const std::size_t size = content.size();
    if (size > 0xff) {
        out.append(Bytes{0x82, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    } else if (size > 0x7f) {
        out.append(Bytes{0x81, static_cast<std::uint8_t>(size)});
    } else {
        out.push_back(static_cast<std::uint8_t>(size));
    }
    out.append(content);
    return out;
}

Bytes der_oid_pair(std::initializer_list<std::uint8_t> arcs, ByteView value) {
    Bytes oid{0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
    oid.append(Bytes(arcs));
    return der(Der::kSequence, concat(der(Der::kOid, oid), value));
}

Bytes write_pck_extension(const tdx::PckPlatform& platform) {
    Bytes list;
    list.append(der_oid_pair({1}, der(Der::kOctetString, platform.ppid)));
    list.append(der_oid_pair({2}, write_tcb(platform)));
    list.append(der_oid_pair({3}, der(Der::kOctetString, platform.pce_id)));
    list.append(der_oid_pair({4}, der(Der::kOctetString, platform.fmspc)));
    list.append(der_oid_pair({5}, der(Der::kEnumerated, Bytes{platform.sgx_type})));
    if (platform.platform_instance_id)
        list.append(der_oid_pair({6}, der(Der::kOctetString, *platform.platform_instance_id)));
    if (platform.configuration) list.append(der_oid_pair({7}, write_configuration(*platform.configuration)));
    return der(Der::kSequence, list);
}

}  // namespace openpcc::simulated
