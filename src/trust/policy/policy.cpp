// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/policy.hpp"

#include <algorithm>
#include <optional>

#include "core/text.hpp"
#include "crypto/hpke/hpke.hpp"
#include "trust/statement/statement.hpp"
#include "wire/json.hpp"

namespace openpcc::policy {

namespace {

constexpr std::size_t kMaxFile = 256 << 10;
constexpr std::size_t kMaxList = 256;
constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kMaxAge = 24 * 60 * 60;
constexpr std::int64_t kMaxCandidates = 8;
constexpr std::string_view kRegisters[] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};

std::unexpected<Error> bad(std::string_view member, std::string_view what) {
    std::string text = "member `";
    for (char c : member.substr(0, 64)) text += c > 0x20 && c < 0x7f ? c : '?';
    return fail(kBadPolicy, text + "`: " + std::string(what));
}

// Members reads the members of one object by name and, at the end, refuses those that nobody asked for.
class Members {
  public:
    static Result<Members> of(const json::Value& value, std::string_view what) {
        if (!value.is_object()) return bad(what, "not an object");
        return Members(value);
    }

    Result<const json::Value*> get(std::string_view name) {
        const json::Value* value = object_->get(name);
        if (value == nullptr) return bad(name, "missing");
        known_.push_back(name);
        return value;
    }
    Result<std::string> text(std::string_view name) {
        OPENPCC_TRY(const json::Value* value, get(name));
        const auto out = value->as_string();
        if (!out) return bad(name, "not a string");
        return std::string(*out);
    }
    Result<std::int64_t> number(std::string_view name, std::int64_t least, std::int64_t most) {
        OPENPCC_TRY(const json::Value* value, get(name));
        const auto out = value->as_int();
        if (!out || *out < least || *out > most) return bad(name, "not a whole number in range");
        return *out;
    }
    Result<bool> truth(std::string_view name) {
        OPENPCC_TRY(const json::Value* value, get(name));
        const auto out = value->as_bool();
        if (!out) return bad(name, "not true or false");
        return *out;
    }
    template <class Array>
    Result<Array> hex(std::string_view name) {
        OPENPCC_TRY(const std::string digits, text(name));
        const auto out = array_from_hex<Array>(digits);
        if (!out) return bad(name, "not a digest in hex of its length");
        return *out;
    }
    Result<const std::vector<json::Value>*> list(std::string_view name) {
        OPENPCC_TRY(const json::Value* value, get(name));
        if (!value->is_array()) return bad(name, "not a list");
        if (value->elements().size() > kMaxList) return bad(name, "more than 256 entries");
        return &value->elements();
    }
    Result<void> finish() const {
        for (const json::Member& member : object_->members())
            if (std::ranges::find(known_, member.first) == known_.end()) return bad(member.first, "unknown");
        return {};
    }

  private:
    explicit Members(const json::Value& object) : object_(&object) {}
    const json::Value* object_;
    std::vector<std::string_view> known_;
};

Result<TdxMeasurement> read_measurement(const json::Value& value) {
    OPENPCC_TRY(auto members, Members::of(value, "measurements"));
    TdxMeasurement out;
    OPENPCC_TRY(out.release, members.text("release"));
    if (!statement::is_release_id(out.release)) return bad("release", "not a release id");
    OPENPCC_TRY(out.mrtd, members.hex<ByteArray<48>>("mrtd"));
    for (std::size_t i = 0; i < 4; ++i) {
        OPENPCC_TRY(out.rtmr[i], members.hex<ByteArray<48>>(kRegisters[i]));
    }
    OPENPCC_CHECK(members.finish());
    return out;
}

json::Value write_measurement(const TdxMeasurement& measurement) {
    auto out = json::Value::object();
    out.set("release", json::Value::string(measurement.release));
    out.set("mrtd", json::Value::string(to_hex(measurement.mrtd)));
    for (std::size_t i = 0; i < 4; ++i) out.set(kRegisters[i], json::Value::string(to_hex(measurement.rtmr[i])));
    return out;
}

Result<std::vector<Digest256>> read_digests(Members& members, std::string_view name) {
    OPENPCC_TRY(const auto* list, members.list(name));
    std::vector<Digest256> out;
    for (const json::Value& value : *list) {
        const auto digits = value.as_string();
        if (!digits) return bad(name, "an entry is not a string");
        const auto digest = array_from_hex<Digest256>(*digits);
        if (!digest) return bad(name, "an entry is not a SHA-256 digest in hex");
        out.push_back(*digest);
    }
    return out;
}

json::Value write_digests(const std::vector<Digest256>& digests) {
    auto out = json::Value::array();
    for (const Digest256& digest : digests) out.push(json::Value::string(to_hex(digest)));
    return out;
}

Result<Preset> read_preset(Members& members) {
    OPENPCC_TRY(const std::string name, members.text("preset"));
    for (Preset preset : {Preset::kStrict, Preset::kDevelopment})
        if (name == to_string(preset)) return preset;
    return bad("preset", "neither `strict` nor `development`");
}

Result<json::Value> read_json(ByteView text) {
    if (text.size() > kMaxFile) return fail(kBadPolicy, "longer than 256 KiB");
    auto value = json::parse(text, 8);
    if (!value) return fail(kBadPolicy, "not strict JSON (a member that stands twice is an error as well)");
    return value;
}

}  // namespace

std::string_view to_string(Preset preset) { return preset == Preset::kStrict ? "strict" : "development"; }

Policy Policy::of(Preset preset) {
    Policy out;
    out.preset = preset;
    out.require_pq = preset == Preset::kStrict && hpke::have_ml_kem();
    return out;
}

Result<TdxMeasurement> TdxMeasurement::parse(ByteView text) {
    OPENPCC_TRY(const auto value, read_json(text));
    return read_measurement(value);
}

std::string TdxMeasurement::to_json() const { return write_measurement(*this).to_text(); }

Result<Policy> Policy::parse(ByteView text) {
    OPENPCC_TRY(const auto value, read_json(text));
    OPENPCC_TRY(auto members, Members::of(value, "policy"));
    OPENPCC_CHECK(members.number("version", kFormat, kFormat));
    Policy out;
    OPENPCC_TRY(out.preset, read_preset(members));
    OPENPCC_TRY(const auto* measurements, members.list("measurements"));
    for (const json::Value& entry : *measurements) {
        OPENPCC_TRY(auto measurement, read_measurement(entry));
        out.measurements.push_back(std::move(measurement));
    }
    OPENPCC_TRY(out.models, read_digests(members, "models"));
    OPENPCC_TRY(out.engine_profiles, read_digests(members, "engine_profiles"));
    OPENPCC_TRY(const auto age, members.number("max_evidence_age", 1, kMaxAge));
    out.max_evidence_age = Seconds(age);
    OPENPCC_TRY(const auto candidates, members.number("candidates", 1, kMaxCandidates));
    out.candidates = static_cast<std::uint32_t>(candidates);
    OPENPCC_TRY(out.require_pq, members.truth("require_pq"));
    OPENPCC_CHECK(members.finish());
    return out;
}

std::string Policy::to_json() const {
    auto out = json::Value::object();
    out.set("version", json::Value::integer(kFormat));
    out.set("preset", json::Value::string(to_string(preset)));
    auto& list = out.set("measurements", json::Value::array());
    for (const TdxMeasurement& measurement : measurements) list.push(write_measurement(measurement));
    out.set("models", write_digests(models));
    out.set("engine_profiles", write_digests(engine_profiles));
    out.set("max_evidence_age", json::Value::integer(max_evidence_age.count()));
    out.set("candidates", json::Value::integer(candidates));
    out.set("require_pq", json::Value::boolean(require_pq));
    return out.to_text();
}

}  // namespace openpcc::policy
