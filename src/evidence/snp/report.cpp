// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/report.hpp"

#include <algorithm>
#include <array>

#include "wire/reader.hpp"

namespace openpcc::snp {

namespace {

constexpr std::size_t kHalf = 48;  // bytes of a P-384 number

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// Fields reads members of fixed size one after another. The size of the whole was checked before, so that no read can
// fail; if one ever does, the report is refused.
class Fields {
  public:
    explicit Fields(ByteView bytes) : in_(bytes) {}

    template <std::size_t N, class Tag>
    Fields& operator>>(ByteArray<N, Tag>& out) {
        return keep(in_.array<ByteArray<N, Tag>>(), out);
    }
    template <std::unsigned_integral T>
    Fields& operator>>(T& out) {
        return keep(in_.number_le<T>(), out);
    }
    Fields& operator>>(Firmware& out) { return *this >> out.build >> out.minor >> out.major; }
    Fields& operator>>(Cpuid& out) { return *this >> out.family >> out.model >> out.stepping; }
    Fields& skip(std::size_t count) {
        good_ = good_ && in_.take(count).has_value();
        return *this;
    }
    bool complete() const { return good_ && in_.done(); }

  private:
    template <class T>
    Fields& keep(Result<T> read, T& out) {
        if (read) out = *read;
        good_ = good_ && read.has_value();
        return *this;
    }
    wire::Reader in_;
    bool good_ = true;
};

bool read_fields(ByteView bytes, Report& out) {
    Fields in(bytes);
    in >> out.version >> out.guest_svn >> out.policy >> out.family_id >> out.image_id >> out.vmpl;
    in >> out.signature_algo >> out.current_tcb >> out.platform_info >> out.key_info >> out.reserved_4c;
    in >> out.report_data >> out.measurement >> out.host_data >> out.id_key_digest >> out.author_key_digest;
    in >> out.report_id >> out.report_id_ma >> out.reported_tcb >> out.cpuid >> out.reserved_18b >> out.chip_id;
    in >> out.committed_tcb >> out.current >> out.reserved_1eb >> out.committed >> out.reserved_1ef;
    in >> out.launch_tcb >> out.launch_mitigations >> out.current_mitigations >> out.reserved_208;
    in >> out.r >> out.s;
    return in.skip(kReportSize - kSignatureEnd).complete();
}

// SNP-ABI table "TCB_VERSION": where the parts are, and for Turin the FMC in front.
struct Layout {
    std::array<std::uint8_t Tcb::*, 8> at;  // nullptr: reserved
};
constexpr Layout kBefore{
    {&Tcb::boot_loader, &Tcb::tee, nullptr, nullptr, nullptr, nullptr, &Tcb::snp, &Tcb::microcode}};
constexpr Layout kTurin{
    {&Tcb::fmc, &Tcb::boot_loader, &Tcb::tee, &Tcb::snp, nullptr, nullptr, nullptr, &Tcb::microcode}};

const Layout& layout_of(Product product) { return product == Product::kTurin ? kTurin : kBefore; }

void append_reversed(Bytes& out, const RawHalf& half) {
    for (std::size_t i = kHalf; i-- > 0;) out.push_back(half.bytes[i]);
}

}  // namespace

Result<Unverified<Report>> Report::parse(ByteView bytes) {
    if (bytes.size() != kReportSize) return fail(kMalformed, "not 1184 bytes");
    Report out;
    if (!read_fields(bytes, out)) return fail(kMalformed, "too short");
    if (out.version < 2 || out.version > 5) return fail(kMalformed, "version is none of 2 to 5");
    if (!all_zero(out.r.view().subspan(kHalf)) || !all_zero(out.s.view().subspan(kHalf)))
        return fail(kMalformed, "R or S is longer than 384 bits");
    if (!all_zero(bytes.subspan(kSignatureEnd)))
        return fail(kMalformed, "bytes behind the signature that are not zero");
    out.signed_part = Bytes(bytes.first(kSignedSize));
    return Unverified<Report>(std::move(out));
}

// SNP-ABI; AMD's Key Distribution Service has one certificate hierarchy for each of these groups.
std::optional<Product> product_of(const Cpuid& cpuid) {
    const std::uint8_t model = cpuid.model;
    if (cpuid.family == 0x19 && model <= 0x0f) return Product::kMilan;
    if (cpuid.family == 0x19 && ((model >= 0x10 && model <= 0x1f) || (model >= 0xa0 && model <= 0xaf)))
        return Product::kGenoa;
    if (cpuid.family == 0x1a && model <= 0x11) return Product::kTurin;
    return std::nullopt;
}

Tcb tcb_of(const RawTcb& raw, Product product) {
    Tcb out;
    const Layout& layout = layout_of(product);
    for (std::size_t i = 0; i < raw.size(); ++i)
        if (layout.at[i] != nullptr) out.*layout.at[i] = raw.bytes[i];
    return out;
}

bool tcb_reserved_zero(const RawTcb& raw, Product product) {
    const Layout& layout = layout_of(product);
    for (std::size_t i = 0; i < raw.size(); ++i)
        if (layout.at[i] == nullptr && raw.bytes[i] != 0) return false;
    return true;
}

bool covers(const Tcb& tcb, const Tcb& least) {
    return tcb.fmc >= least.fmc && tcb.boot_loader >= least.boot_loader && tcb.tee >= least.tee &&
           tcb.snp >= least.snp && tcb.microcode >= least.microcode;
}

std::string to_string(const Tcb& tcb, Product product) {
    const std::string fmc = product == Product::kTurin ? "fmc " + std::to_string(tcb.fmc) + ", " : "";
    return fmc + "boot loader " + std::to_string(tcb.boot_loader) + ", tee " + std::to_string(tcb.tee) + ", snp " +
           std::to_string(tcb.snp) + ", microcode " + std::to_string(tcb.microcode);
}

bool reserved_zero(const Report& report, Product product) {
    const bool tcbs = tcb_reserved_zero(report.current_tcb, product) &&
                      tcb_reserved_zero(report.reported_tcb, product) &&
                      tcb_reserved_zero(report.committed_tcb, product) && tcb_reserved_zero(report.launch_tcb, product);
    // CPUID came with version 3, the mitigation vectors with version 5.
    const bool cpuid = report.version >= 3 || report.cpuid == Cpuid{};
    const bool mitigations = report.version >= 5 || (report.launch_mitigations == 0 && report.current_mitigations == 0);
    return tcbs && cpuid && mitigations && report.key_info >> 5 == 0 && all_zero(report.reserved_4c) &&
           all_zero(report.reserved_18b) && report.reserved_1eb == 0 && report.reserved_1ef == 0 &&
           all_zero(report.reserved_208);
}

Bytes big_endian_signature(const Report& report) {
    Bytes out;
    append_reversed(out, report.r);
    append_reversed(out, report.s);
    return out;
}

}  // namespace openpcc::snp
