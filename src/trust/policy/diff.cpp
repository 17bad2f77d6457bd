// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/diff.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace openpcc::policy {

namespace {

using evidence::Must;

constexpr Direction opposite(Direction direction) {
    if (direction == Direction::kLooser) return Direction::kTighter;
    return direction == Direction::kTighter ? Direction::kLooser : direction;
}

std::int64_t days_of(Seconds value) { return std::chrono::floor<std::chrono::days>(value).count(); }

std::string text(std::string_view value) { return std::string(value); }
std::string text(TimePoint value) { return to_rfc3339(value); }
std::string text(Seconds value) { return std::to_string(value.count()) + " s"; }
std::string text(bool value) { return value ? "true" : "false"; }
std::string text(const Digest256& value) { return to_hex(value); }
std::string text(const ByteArray<48>& value) { return to_hex(value); }
std::string text(const snp::Firmware& value) {
    return std::to_string(value.major) + "." + std::to_string(value.minor) + "." + std::to_string(value.build);
}
std::string text(const TdxMeasurement& value) { return value.to_json(); }
std::string text(const SnpMeasurement& value) { return value.to_json(); }
template <class T>
    requires std::is_integral_v<T>
std::string text(T value) {
    return std::to_string(value);
}
template <class T>
    requires std::is_enum_v<T>
std::string text(T value) {
    return std::string(to_string(value));
}

std::string scope_of(const Exception& exception) {
    if (const auto* platform = std::get_if<Digest256>(&exception.scope)) return "platform " + to_hex(*platform);
    return "release " + std::get<std::string>(exception.scope);
}

// Differ collects. `more` says what a greater value, or another entry of a list, does.
class Differ {
  public:
    void note(std::string member, std::string from, std::string to, Direction direction) {
        changes_.push_back({std::move(member), std::move(from), std::move(to), direction});
    }
    template <class T>
    void value(const std::string& member, const T& from, const T& to, Direction more) {
        if (from != to) note(member, text(from), text(to), from < to ? more : opposite(more));
    }
    void words(const std::string& member, const std::string& from, const std::string& to) {
        if (from != to) note(member, from, to, Direction::kDifferent);
    }
    template <class T>
    void list(const std::string& member, const std::vector<T>& from, const std::vector<T>& to, Direction more) {
        for (const T& entry : from)
            if (std::ranges::find(to, entry) == to.end()) note(member, text(entry), "", opposite(more));
        for (const T& entry : to)
            if (std::ranges::find(from, entry) == from.end()) note(member, "", text(entry), more);
    }
    template <class Table, class Bits>
    void bits(const std::string& member, const Table& table, const Bits& from, const Bits& to) {
        for (std::size_t i = 0; i < from.size(); ++i) must(member + "." + std::string(table[i].name), from[i], to[i]);
    }
    void must(const std::string& member, Must from, Must to) {
        if (from == to) return;
        const Direction direction = to == Must::kAny     ? Direction::kLooser
                                    : from == Must::kAny ? Direction::kTighter
                                                         : Direction::kDifferent;
        note(member, text(from), text(to), direction);
    }
    // matched compares entries that have the same key, and reports those that only one side has.
    template <class T, class Key, class Compare>
    void matched(const std::string& member, const std::vector<T>& from, const std::vector<T>& to, Key key,
                 Compare compare) {
        for (const T& entry : from)
            if (std::ranges::find(to, key(entry), key) == to.end())
                note(member + "[" + key(entry) + "]", "present", "", Direction::kTighter);
        for (const T& entry : to) {
            const auto before = std::ranges::find(from, key(entry), key);
            const std::string path = member + "[" + key(entry) + "]";
            if (before == from.end())
                note(path, "", "present", Direction::kLooser);
            else
                compare(path, *before, entry);
        }
    }
    // present reports a part that only one side has, and is true when both have it.
    template <class T>
    bool present(const std::string& member, const std::optional<T>& from, const std::optional<T>& to) {
        if (from.has_value() != to.has_value())
            note(member, from ? "present" : "null", to ? "present" : "null",
                 to ? Direction::kLooser : Direction::kTighter);
        return from && to;
    }

    void tcb(const std::string& member, const snp::Tcb& from, const snp::Tcb& to) {
        value(member + ".fmc", from.fmc, to.fmc, Direction::kTighter);
        value(member + ".boot_loader", from.boot_loader, to.boot_loader, Direction::kTighter);
        value(member + ".tee", from.tee, to.tee, Direction::kTighter);
        value(member + ".snp", from.snp, to.snp, Direction::kTighter);
        value(member + ".microcode", from.microcode, to.microcode, Direction::kTighter);
    }
    void age(const std::string& member, const evidence::CollateralAge& from, const evidence::CollateralAge& to) {
        value(member + ".amber_days", days_of(from.amber), days_of(to.amber), Direction::kLooser);
        value(member + ".red_days", days_of(from.red), days_of(to.red), Direction::kLooser);
    }

    void head(const Policy& from, const Policy& to);
    void tdx_rules(const tdx::Rules& from, const tdx::Rules& to);
    void snp_rules(const snp::Rules& from, const snp::Rules& to);
    void product(const std::string& path, const snp::ProductRule& from, const snp::ProductRule& to);
    void releases(const Policy& from, const Policy& to);
    void service(const Policy& from, const Policy& to);
    std::vector<Change> take() && { return std::move(changes_); }

  private:
    std::vector<Change> changes_;
};

void Differ::head(const Policy& from, const Policy& to) {
    words("name", from.name, to.name);
    words("issued", text(from.issued), text(to.issued));
    value("expires", from.expires, to.expires, Direction::kLooser);
    if (from.preset != to.preset) {
        const Direction direction = to.preset == Preset::kDevelopment     ? Direction::kLooser
                                    : from.preset == Preset::kDevelopment ? Direction::kTighter
                                                                          : Direction::kDifferent;
        note("preset", text(from.preset), text(to.preset), direction);
    }
    value("roots.required", from.roots.required, to.roots.required, Direction::kTighter);
    list("roots.of", from.roots.of, to.roots.of, Direction::kLooser);
}

void Differ::tdx_rules(const tdx::Rules& from, const tdx::Rules& to) {
    value("tdx.least_tcb_evaluation", from.least_tcb_evaluation, to.least_tcb_evaluation, Direction::kTighter);
    value("tdx.least_qe_evaluation", from.least_qe_evaluation, to.least_qe_evaluation, Direction::kTighter);
    matched(
        "tdx.modules", from.modules, to.modules,
        [](const tdx::ModuleFloor& floor) { return std::to_string(floor.major); },
        [this](const std::string& path, const tdx::ModuleFloor& before, const tdx::ModuleFloor& after) {
            value(path + ".least", before.least, after.least, Direction::kTighter);
        });
    list("tdx.amber", from.amber, to.amber, Direction::kLooser);
    list("tdx.accepted_advisories", from.accepted_advisories, to.accepted_advisories, Direction::kLooser);
    list("tdx.denied_advisories", from.denied_advisories, to.denied_advisories, Direction::kTighter);
    value("tdx.grace_days", days_of(from.grace), days_of(to.grace), Direction::kLooser);
    age("tdx.collateral_age", from.collateral_age, to.collateral_age);
    bits("tdx.attributes", tdx::kAttributeBits, from.attributes, to.attributes);
    bits("tdx.xfam", tdx::kXfamBits, from.xfam, to.xfam);
    list("tdx.service_tds", from.service_tds, to.service_tds, Direction::kLooser);
}

void Differ::product(const std::string& path, const snp::ProductRule& from, const snp::ProductRule& to) {
    tcb(path + ".green", from.green, to.green);
    value(path + ".least_firmware", from.least_firmware, to.least_firmware, Direction::kTighter);
    if (present(path + ".amber", from.amber, to.amber)) {
        tcb(path + ".amber.least", from.amber->least, to.amber->least);
        list(path + ".amber.advisories", from.amber->advisories, to.amber->advisories, Direction::kDifferent);
        value(path + ".amber.until", from.amber->until, to.amber->until, Direction::kLooser);
    }
    bits(path + ".policy", snp::kPolicyBits, from.policy, to.policy);
    bits(path + ".platform", snp::kPlatformBits, from.platform, to.platform);
    must(path + ".platform_unknown", from.platform_unknown, to.platform_unknown);
}

void Differ::snp_rules(const snp::Rules& from, const snp::Rules& to) {
    matched(
        "snp.products", from.products, to.products,
        [](const snp::ProductRule& rule) { return std::string(to_string(rule.product)); },
        [this](const std::string& path, const snp::ProductRule& before, const snp::ProductRule& after) {
            product(path, before, after);
        });
    list("snp.vlek_providers", from.vlek_providers, to.vlek_providers, Direction::kLooser);
    if (from.vmpl != to.vmpl) note("snp.vmpl", text(from.vmpl), text(to.vmpl), Direction::kDifferent);
    value("snp.provisional_tcb", from.provisional_tcb, to.provisional_tcb, Direction::kLooser);
    age("snp.collateral_age", from.collateral_age, to.collateral_age);
}

void Differ::releases(const Policy& from, const Policy& to) {
    list("measurements", from.tdx_measurements, to.tdx_measurements, Direction::kLooser);
    list("measurements", from.snp_measurements, to.snp_measurements, Direction::kLooser);
    list("revoked_releases", from.revoked_releases, to.revoked_releases, Direction::kTighter);
    list("models", from.models, to.models, Direction::kLooser);
    list("engine_profiles", from.engine_profiles, to.engine_profiles, Direction::kLooser);
}

void Differ::service(const Policy& from, const Policy& to) {
    const auto any = [](const Policy& policy) { return policy.hardware.rule == Hardware::Rule::kAny; };
    if (any(from) != any(to))
        note("hardware.rule", any(from) ? "any" : "listed", any(to) ? "any" : "listed",
             any(to) ? Direction::kLooser : Direction::kTighter);
    else
        list("hardware.ids", from.hardware.ids, to.hardware.ids, Direction::kLooser);
    list("isolation", from.isolation, to.isolation, Direction::kLooser);
    matched(
        "exceptions", from.exceptions, to.exceptions,
        [](const Exception& exception) { return exception.check + ", " + scope_of(exception); },
        [this](const std::string& path, const Exception& before, const Exception& after) {
            words(path + ".reason", before.reason, after.reason);
            words(path + ".advisory", before.advisory, after.advisory);
            value(path + ".until", before.until, after.until, Direction::kLooser);
        });
    value("max_evidence_age", from.max_evidence_age, to.max_evidence_age, Direction::kLooser);
    // Every candidate could read the request if it saw it.
    value("candidates", from.candidates, to.candidates, Direction::kLooser);
    value("require_pq", from.require_pq, to.require_pq, Direction::kTighter);
}

}  // namespace

std::string_view to_string(Direction direction) {
    switch (direction) {
        case Direction::kLooser:
            return "looser";
        case Direction::kTighter:
            return "tighter";
        case Direction::kDifferent:
            return "different";
    }
    return "different";
}

std::vector<Change> diff(const Policy& from, const Policy& to) {
    Differ differ;
    differ.head(from, to);
    if (differ.present("tdx", from.tdx, to.tdx)) differ.tdx_rules(*from.tdx, *to.tdx);
    if (differ.present("snp", from.snp, to.snp)) differ.snp_rules(*from.snp, *to.snp);
    differ.releases(from, to);
    differ.service(from, to);
    return std::move(differ).take();
}

}  // namespace openpcc::policy
