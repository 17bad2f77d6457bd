// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/quote.hpp"

#include <algorithm>

#include "wire/reader.hpp"

namespace openpcc::tdx {

namespace {

constexpr std::size_t kMaxPadded = 64 << 10;

// Fields reads fixed-size members one after another; sizes were checked before, so that a failure is a short input.
class Fields {
  public:
    explicit Fields(wire::Reader& in) : in_(in) {}

    template <std::size_t N, class Tag>
    Fields& operator>>(ByteArray<N, Tag>& out) {
        return keep(in_.array<ByteArray<N, Tag>>(), out);
    }
    template <std::unsigned_integral T>
    Fields& operator>>(T& out) {
        return keep(in_.number_le<T>(), out);
    }
    Result<void> result() const { return good_ ? Result<void>{} : Result<void>(fail(kMalformed, "too short")); }

  private:
    template <class T>
    Fields& keep(Result<T> read, T& out) {
        if (read && good_) out = *read;
        good_ = good_ && read.has_value();
        return *this;
    }
    wire::Reader& in_;
    bool good_ = true;
};

Result<void> read_header(wire::Reader& in, Header& out) {
    Fields fields(in);
    fields >> out.version >> out.key_type >> out.tee_type >> out.reserved >> out.qe_vendor_id >> out.user_data;
    OPENPCC_CHECK(fields.result());
    // DCAP-A "Quote Header": version 3 is for SGX; a key of type 3 (P-384) has other sizes and is not in use.
    if (out.version != 4 && out.version != 5) return fail(kMalformed, "version is neither 4 nor 5");
    if (out.key_type != kKeyEcdsaP256) return fail(kMalformed, "attestation key is not ECDSA P-256");
    return {};
}

// DCAP-A "TD Quote Body Descriptor": version 5 names the body and its size; both must agree.
Result<BodyType> read_body_type(wire::Reader& in, std::uint16_t version) {
    if (version == 4) return BodyType::kTd10;
    OPENPCC_TRY(const auto type, in.number_le<std::uint16_t>());
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    if (type == static_cast<std::uint16_t>(BodyType::kTd10) && size == kTd10Size) return BodyType::kTd10;
    if (type == static_cast<std::uint16_t>(BodyType::kTd15) && size == kTd15Size) return BodyType::kTd15;
    return fail(kMalformed, "body is neither TD 1.0 nor TD 1.5 of its size");
}

Result<void> read_report(wire::Reader& in, BodyType type, TdReport& out) {
    Fields fields(in);
    fields >> out.tee_tcb_svn >> out.mr_seam >> out.mr_signer_seam >> out.seam_attributes >> out.td_attributes;
    fields >> out.xfam >> out.mrtd >> out.mr_config_id >> out.mr_owner >> out.mr_owner_config;
    for (Measurement& rtmr : out.rtmr) fields >> rtmr;
    fields >> out.report_data;
    if (type == BodyType::kTd15) fields >> out.tee_tcb_svn2 >> out.mr_service_td;
    return fields.result();
}

Result<void> read_qe_report(ByteView bytes, QeReport& out) {
    wire::Reader in(bytes);
    Fields fields(in);
    fields >> out.cpu_svn >> out.misc_select >> out.reserved1 >> out.isv_ext_prod_id >> out.attributes;
    fields >> out.mr_enclave >> out.reserved2 >> out.mr_signer >> out.reserved3 >> out.config_id;
    fields >> out.isv_prod_id >> out.isv_svn >> out.config_svn >> out.reserved4 >> out.isv_family_id;
    fields >> out.report_data;
    return fields.result();
}

// typed_data reads `u16 type | u32 size | data`; the size must be all that is left. Lengths are unsigned and compared
// before anything is cut (a verifier that read them as signed numbers crashed).
Result<ByteView> typed_data(wire::Reader& in, std::uint16_t type) {
    OPENPCC_TRY(const auto found, in.number_le<std::uint16_t>());
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    if (found != type) return fail(kMalformed, "certification data of another type");
    if (size != in.left()) return fail(kMalformed, "certification data of another size than stated");
    return in.take(size);
}

// DCAP-A "ECDSA 256-bit Quote Signature Data Structure" and "QE Report Certification Data".
Result<void> read_signature_data(ByteView bytes, Quote& out) {
    wire::Reader in(bytes);
    Fields head(in);
    head >> out.signature >> out.attestation_key;
    OPENPCC_CHECK(head.result());
    OPENPCC_TRY(const ByteView certification, typed_data(in, kCertQeReport));
    wire::Reader inner(certification);
    OPENPCC_TRY(const ByteView qe_report, inner.take(kQeReportSize));
    OPENPCC_CHECK(read_qe_report(qe_report, out.qe_report));
    out.qe_report_bytes = Bytes(qe_report);
    OPENPCC_TRY(out.qe_report_signature, inner.array<RawSignature>());
    OPENPCC_TRY(const auto auth_size, inner.number_le<std::uint16_t>());
    OPENPCC_TRY(const ByteView auth_data, inner.take(auth_size));
    out.qe_auth_data = Bytes(auth_data);
    OPENPCC_TRY(const ByteView chain, typed_data(inner, kCertPemChain));
    if (chain.empty()) return fail(kMalformed, "no certificate");
    out.pck_chain = Bytes(chain);
    return {};
}

Result<Quote> read_quote(ByteView bytes) {
    wire::Reader in(bytes);
    Quote out;
    OPENPCC_CHECK(read_header(in, out.header));
    OPENPCC_TRY(out.body_type, read_body_type(in, out.header.version));
    OPENPCC_CHECK(read_report(in, out.body_type, out.report));
    out.signed_part = Bytes(bytes.first(in.at()));
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    if (size != in.left()) return fail(kMalformed, "signature data of another size than stated");
    OPENPCC_TRY(const ByteView signature_data, in.take(size));
    OPENPCC_CHECK(read_signature_data(signature_data, out));
    return out;
}

// stated_size is where the quote says that it ends.
Result<std::size_t> stated_size(ByteView bytes) {
    wire::Reader in(bytes);
    Header header;
    OPENPCC_CHECK(read_header(in, header));
    OPENPCC_TRY(const BodyType type, read_body_type(in, header.version));
    OPENPCC_CHECK(in.take(type == BodyType::kTd15 ? kTd15Size : kTd10Size));
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    OPENPCC_CHECK(in.take(size));
    return in.at();
}

// refused keeps this format's own reason, and names the layer below otherwise.
std::unexpected<Error> refused(const Error& error) {
    return error == kMalformed ? std::unexpected(error) : fail(kMalformed, error.describe());
}

}  // namespace

Result<Unverified<Quote>> Quote::parse(ByteView bytes) {
    if (bytes.size() > kMaxQuote) return fail(kMalformed, "longer than 16 KiB");
    auto quote = read_quote(bytes);
    if (!quote) return refused(quote.error());
    return Unverified<Quote>(std::move(*quote));
}

Result<ByteView> without_padding(ByteView bytes) {
    if (bytes.size() > kMaxPadded) return fail(kMalformed, "longer than 64 KiB");
    const auto size = stated_size(bytes);
    if (!size) return refused(size.error());
    if (!std::ranges::all_of(bytes.subspan(*size), [](std::uint8_t byte) { return byte == 0; }))
        return fail(kMalformed, "bytes behind the quote that are not zero");
    return bytes.first(*size);
}

}  // namespace openpcc::tdx
