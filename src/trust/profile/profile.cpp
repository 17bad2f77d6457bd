// SPDX-License-Identifier: Apache-2.0
#include "trust/profile/profile.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "trust/profile/service_key.hpp"
#include "wire/json.hpp"

namespace openpcc::profile {

namespace {

constexpr std::string_view kFormat = "openpcc-profile-1";
constexpr std::string_view kFingerprintLabel = "openpcc profile signers v1";
constexpr std::size_t kMaxName = 63;
constexpr std::size_t kMaxAddress = 300;
constexpr std::size_t kMaxRoots = 64 << 10;
constexpr std::size_t kMaxProfile = 360 << 10;  // what an envelope of the longest has room for
constexpr std::size_t kFingerprintBytes = 16;
constexpr std::array<std::string_view, 12> kMembers{"format",  "name",    "version",     "issued",
                                                    "expires", "relay",   "relay_roots", "service_key",
                                                    "policy",  "signers", "threshold",   "simulated_roots"};

std::unexpected<Error> bad(std::string_view member, std::string_view what) {
    return fail(kBadProfile, "member `" + std::string(member) + "`: " + std::string(what));
}

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<void> only_known_members(const json::Value& value) {
    for (const auto& [name, ignored] : value.members())
        if (std::ranges::find(kMembers, name) == kMembers.end())
            return fail(kBadProfile, "has a member that this version does not know; a newer one may");
    return {};
}

Result<std::string> read_text(const json::Value& value, std::string_view name, std::size_t limit) {
    const json::Value* member = value.get(name);
    const auto text = member != nullptr ? member->as_string() : std::nullopt;
    if (!text) return bad(name, "missing, or not a text");
    if (text->empty() || text->size() > limit) return bad(name, "empty or too long");
    return std::string(*text);
}

Result<std::optional<std::string>> read_roots(const json::Value& value, std::string_view name) {
    if (value.get(name) == nullptr) return std::nullopt;
    OPENPCC_TRY(std::string pem, read_text(value, name, kMaxRoots));
    if (!pem.starts_with("-----BEGIN CERTIFICATE-----")) return bad(name, "not certificates (PEM)");
    return pem;
}

Result<TimePoint> read_time(const json::Value& value, std::string_view name) {
    OPENPCC_TRY(const std::string text, read_text(value, name, kMaxName));
    const auto time = parse_rfc3339(text);
    if (!time) return bad(name, "not a time as 2026-11-25T07:00:00Z");
    return *time;
}

Result<std::int64_t> read_number(const json::Value& value, std::string_view name, std::int64_t most) {
    const json::Value* member = value.get(name);
    const auto number = member != nullptr ? member->as_int() : std::nullopt;
    if (!number || *number < 1 || *number > most) return bad(name, "not a number from 1 to " + std::to_string(most));
    return *number;
}

Result<policy::Policy> read_policy(const json::Value& value) {
    const json::Value* member = value.get("policy");
    if (member == nullptr) return bad("policy", "missing");
    const std::string text = member->to_text();
    auto policy = policy::Policy::parse(as_bytes(text));
    if (!policy) return bad("policy", policy.error().text());
    return policy;
}

Result<envelope::SignerSet> read_signers(const json::Value& value) {
    const json::Value* list = value.get("signers");
    if (list == nullptr || !list->is_array()) return bad("signers", "missing, or not a list");
    OPENPCC_TRY(const std::int64_t threshold, read_number(value, "threshold", envelope::kMaxSigners));
    std::vector<envelope::Signer> signers;
    if (list->elements().size() > envelope::kMaxSigners) return bad("signers", "more than 16");
    for (const json::Value& entry : list->elements()) {
        auto signer = envelope::Signer::parse(entry.as_string().value_or(""));
        if (!signer) return bad("signers", signer.error().text());
        signers.push_back(std::move(*signer));
    }
    auto set = envelope::SignerSet::make(std::move(signers), static_cast<std::size_t>(threshold));
    if (!set) return bad("signers", set.error().text());
    return set;
}

}  // namespace

bool is_name(std::string_view text) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= kMaxName && plain(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return plain(c) || c == '-'; });
}

Result<Unverified<Profile>> Profile::parse(ByteView text) {
    if (text.size() > kMaxProfile) return fail(kBadProfile, "longer than 360 KiB");
    const auto value = json::parse(text);
    if (!value || !value->is_object()) return fail(kBadProfile, "not a strict JSON object");
    OPENPCC_TRY(const std::string format, read_text(*value, "format", kMaxName));
    if (format != kFormat) return bad("format", "not openpcc-profile-1, the only one that this program reads");
    OPENPCC_CHECK(only_known_members(*value));
    OPENPCC_TRY(std::string name, read_text(*value, "name", kMaxName));
    if (!is_name(name)) return bad("name", "not small letters, digits and hyphens");
    OPENPCC_TRY(const std::int64_t version, read_number(*value, "version", INT32_MAX));
    OPENPCC_TRY(const TimePoint issued, read_time(*value, "issued"));
    OPENPCC_TRY(const TimePoint expires, read_time(*value, "expires"));
    if (expires <= issued) return bad("expires", "not after `issued`");
    OPENPCC_TRY(std::string relay, read_text(*value, "relay", kMaxAddress));
    if (!is_visible(relay)) return bad("relay", "not an address");
    OPENPCC_TRY(auto relay_roots, read_roots(*value, "relay_roots"));
    OPENPCC_TRY(const std::string key_text, read_text(*value, "service_key", kMaxAddress));
    auto service_key = parse_service_key(key_text);
    if (!service_key) return bad("service_key", service_key.error().text());
    OPENPCC_TRY(auto policy, read_policy(*value));
    OPENPCC_TRY(auto signers, read_signers(*value));
    OPENPCC_TRY(auto simulated_roots, read_roots(*value, "simulated_roots"));
    return Unverified<Profile>(Profile{std::move(name), version, issued, expires, std::move(relay),
                                       std::move(relay_roots), std::move(*service_key), std::move(policy),
                                       std::move(signers), std::move(simulated_roots)});
}

Result<Profile> Profile::open(ByteView text) {
    OPENPCC_TRY(const auto claimed, envelope::Envelope::parse(text));
    OPENPCC_TRY(auto parsed, parse(claimed.claimed().payload));
    Profile profile = std::move(parsed).claimed();
    OPENPCC_CHECK(envelope::open(text, kPayloadType, profile.signers));
    return profile;
}

Result<Profile> Profile::successor(ByteView text) const {
    OPENPCC_TRY(Profile next, open(text));
    if (next.name != name) return fail(kNotSuccessor, "it is the profile of another service");
    if (next.version <= version)
        return fail(kNotSuccessor, "its version is " + std::to_string(next.version) + ", and version " +
                                       std::to_string(version) + " is here");
    if (!envelope::open(text, kPayloadType, signers))
        return fail(kNotSuccessor, "those who signed the version that is here have not signed it");
    return next;
}

Result<void> Profile::in_force(TimePoint now) const {
    if (now < issued) return fail(kNotInForce, "it is issued at " + to_rfc3339(issued) + ", later than now");
    if (now >= expires) return fail(kNotInForce, "it expired at " + to_rfc3339(expires));
    if (now >= policy.expires) return fail(kNotInForce, "its policy expired at " + to_rfc3339(policy.expires));
    return {};
}

std::string Profile::fingerprint() const {
    std::vector<std::string> ids;
    for (const envelope::Signer& signer : signers.signers()) ids.push_back(signer.key_id());
    std::ranges::sort(ids);
    std::string text = std::string(kFingerprintLabel) + "\n" + std::to_string(signers.threshold()) + "\n";
    for (const std::string& id : ids) text += id + "\n";
    const Digest256 digest = crypto::sha256(as_bytes(text));
    const std::string hex = to_hex(ByteView(digest.bytes).first(kFingerprintBytes));
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 4) out += (i == 0 ? "" : " ") + hex.substr(i, 4);
    return out;
}

std::string Profile::to_json() const {
    auto out = json::Value::object();
    out.set("format", json::Value::string(kFormat));
    out.set("name", json::Value::string(name));
    out.set("version", json::Value::integer(version));
    out.set("issued", json::Value::string(to_rfc3339(issued)));
    out.set("expires", json::Value::string(to_rfc3339(expires)));
    out.set("relay", json::Value::string(relay));
    if (relay_roots) out.set("relay_roots", json::Value::string(*relay_roots));
    out.set("service_key", json::Value::string(service_key_text(service_key)));
    if (auto value = json::parse(as_bytes(policy.to_json()))) out.set("policy", std::move(*value));
    auto& list = out.set("signers", json::Value::array());
    for (const envelope::Signer& signer : signers.signers()) list.push(json::Value::string(signer.to_text()));
    out.set("threshold", json::Value::integer(static_cast<std::int64_t>(signers.threshold())));
    if (simulated_roots) out.set("simulated_roots", json::Value::string(*simulated_roots));
    return out.to_text();
}

bool is_fingerprint(std::string_view shown, std::string_view fingerprint) {
    const auto bare = [](std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == ' ' || c == ':') continue;
            out += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return out;
    };
    return bare(shown).size() == 2 * kFingerprintBytes && bare(shown) == bare(fingerprint);
}

}  // namespace openpcc::profile
