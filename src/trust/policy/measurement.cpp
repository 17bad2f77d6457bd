// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/measurement.hpp"

#include <limits>

#include "trust/policy/forms.hpp"
#include "trust/statement/statement.hpp"

namespace openpcc::policy {

namespace {

constexpr std::string_view kRegisters[] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
constexpr std::string_view kTdx = "tdx";
constexpr std::string_view kSnp = "snp";

Result<std::string> read_release(Members& members) {
    OPENPCC_TRY(std::string release, members.text("release"));
    if (!statement::is_release_id(release)) return bad(members.path("release"), "not a release id");
    return release;
}

Result<Measurement> read_tdx(Members& members) {
    TdxMeasurement out;
    OPENPCC_TRY(out.release, read_release(members));
    OPENPCC_TRY(out.mrtd, members.hex<ByteArray<48>>("mrtd"));
    for (std::size_t i = 0; i < 4; ++i) {
        OPENPCC_TRY(out.rtmr[i], members.hex<ByteArray<48>>(kRegisters[i]));
    }
    OPENPCC_CHECK(members.finish());
    return out;
}

Result<Measurement> read_snp(Members& members) {
    SnpMeasurement out;
    OPENPCC_TRY(out.release, read_release(members));
    OPENPCC_TRY(out.measurement, members.hex<ByteArray<48>>("measurement"));
    OPENPCC_TRY(out.host_data, members.hex<ByteArray<32>>("host_data"));
    OPENPCC_TRY(out.id_key_digest, members.hex<ByteArray<48>>("id_key_digest"));
    OPENPCC_TRY(out.author_key_digest, members.hex<ByteArray<48>>("author_key_digest"));
    OPENPCC_TRY(const auto svn, members.number("guest_svn", 0, std::numeric_limits<std::uint32_t>::max()));
    out.guest_svn = static_cast<std::uint32_t>(svn);
    OPENPCC_CHECK(members.finish());
    return out;
}

template <class T>
Result<T> parse_one(ByteView text, std::string_view kind) {
    OPENPCC_TRY(auto measurement, parse_measurement(text));
    if (T* out = std::get_if<T>(&measurement)) return std::move(*out);
    return bad("tee", "not `" + std::string(kind) + "`");
}

}  // namespace

Result<Measurement> read_measurement(const json::Value& value, const std::string& path) {
    OPENPCC_TRY(auto members, Members::of(value, path));
    OPENPCC_TRY(const std::string tee, members.text("tee"));
    if (tee == kTdx) return read_tdx(members);
    if (tee == kSnp) return read_snp(members);
    return bad(members.path("tee"), "neither `tdx` nor `snp`");
}

json::Value write_measurement(const TdxMeasurement& measurement) {
    auto out = json::Value::object();
    out.set("tee", write_text(kTdx));
    out.set("release", write_text(measurement.release));
    out.set("mrtd", write_hex(measurement.mrtd));
    for (std::size_t i = 0; i < 4; ++i) out.set(kRegisters[i], write_hex(measurement.rtmr[i]));
    return out;
}

json::Value write_measurement(const SnpMeasurement& measurement) {
    auto out = json::Value::object();
    out.set("tee", write_text(kSnp));
    out.set("release", write_text(measurement.release));
    out.set("measurement", write_hex(measurement.measurement));
    out.set("host_data", write_hex(measurement.host_data));
    out.set("id_key_digest", write_hex(measurement.id_key_digest));
    out.set("author_key_digest", write_hex(measurement.author_key_digest));
    out.set("guest_svn", json::Value::integer(measurement.guest_svn));
    return out;
}

Result<Measurement> parse_measurement(ByteView text) {
    OPENPCC_TRY(const auto value, read_json(text));
    return read_measurement(value, "");
}

Result<TdxMeasurement> TdxMeasurement::parse(ByteView text) { return parse_one<TdxMeasurement>(text, kTdx); }
std::string TdxMeasurement::to_json() const { return write_measurement(*this).to_text(); }
Result<SnpMeasurement> SnpMeasurement::parse(ByteView text) { return parse_one<SnpMeasurement>(text, kSnp); }
std::string SnpMeasurement::to_json() const { return write_measurement(*this).to_text(); }

}  // namespace openpcc::policy
