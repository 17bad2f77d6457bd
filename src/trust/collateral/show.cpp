// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/show.hpp"

#include <algorithm>

#include "core/checklist.hpp"
#include "core/text.hpp"
#include "wire/json.hpp"

namespace openpcc::collateral {

namespace {

// Intel signs anew each month, AMD once a year.
constexpr evidence::CollateralAge kUsualIntel{.amber = std::chrono::days(30), .red = std::chrono::days(60)};
constexpr evidence::CollateralAge kUsualAmd{.amber = std::chrono::days(300), .red = std::chrono::days(380)};

// The list of Intel's root is made once a year: it has its own end, and no age.
bool is_of_root(const Item& item) {
    return item.section == "tdx" && item.kind == Kind::kCrl && item.subject.find("Root CA") != std::string::npos;
}

void judge(Shown& shown, const std::optional<evidence::CollateralAge>& ages, TimePoint now) {
    const Item& item = shown.item;
    const auto red = [&](std::string why) {
        shown.light = Light::kRed;
        shown.why = std::move(why);
    };
    if (!item.problem.empty()) return red(item.problem);
    if (!ages) return red("the policy refuses this vendor");
    if (*item.issued > now + evidence::CollateralAge::kSkew) return red("issued in the future");
    if (!item.next_update) return red("it says nothing of its end");
    if (now >= *item.next_update) return red("its time is over since " + to_rfc3339(*item.next_update));
    shown.changes = item.next_update;
    shown.light = Light::kGreen;
    if (is_of_root(item)) return;
    const Outcome grade = ages->grade(*item.issued, now);
    if (grade == Outcome::kFail) return red("older than the policy allows");
    const TimePoint last_red = *item.issued + ages->red + Seconds(1);
    shown.changes = std::min(*item.next_update, last_red);
    if (grade == Outcome::kPass) {
        shown.changes = std::min(*shown.changes, *item.issued + ages->amber + Seconds(1));
        return;
    }
    shown.light = Light::kAmber;
    shown.why = "old; red from " + to_rfc3339(*shown.changes);
}

std::string age_text(TimePoint since, TimePoint now) {
    const auto seconds = (now - since).count();
    if (seconds < 0) return "not yet";
    constexpr std::int64_t kHour = 3600;
    if (seconds < 2 * kHour) return std::to_string(seconds / 60) + " min";
    if (seconds < 48 * kHour) return std::to_string(seconds / kHour) + " h";
    return std::to_string(seconds / (24 * kHour)) + " days";
}

json::Value text_or_null(const std::optional<TimePoint>& time) {
    return time ? json::Value::string(to_rfc3339(*time)) : json::Value();
}

json::Value to_value(const Shown& shown, TimePoint now) {
    const Item& item = shown.item;
    auto out = json::Value::object();
    out.set("section", json::Value::string(item.section));
    out.set("kind", json::Value::string(to_string(item.kind)));
    out.set("subject", json::Value::string(Checklist::clean(item.subject)));
    out.set("evaluation", item.evaluation ? json::Value::integer(*item.evaluation) : json::Value());
    out.set("issued", text_or_null(item.issued));
    out.set("next_update", text_or_null(item.next_update));
    out.set("age_seconds", item.issued ? json::Value::integer((now - *item.issued).count()) : json::Value());
    out.set("signer", json::Value::string(Checklist::clean(item.signer)));
    out.set("revoked", item.revoked ? json::Value::integer(static_cast<std::int64_t>(*item.revoked)) : json::Value());
    out.set("sha256", json::Value::string(to_hex(item.hash)));
    out.set("state", json::Value::string(to_string(shown.light)));
    out.set("why", json::Value::string(Checklist::clean(shown.why)));
    out.set("changes", text_or_null(shown.changes));
    return out;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::string line_of(const Shown& shown, TimePoint now) {
    const Item& item = shown.item;
    std::string out = padded(std::string(to_string(shown.light)), 6) + std::string(item.section) + " " +
                      padded(std::string(to_string(item.kind)), 12);
    if (!item.issued) return out + "sha256 " + to_hex(item.hash).substr(0, 16) + ": " + shown.why;
    out += Checklist::clean(item.subject) + ", issued " + to_rfc3339(*item.issued) + " (" +
           age_text(*item.issued, now) + ")";
    if (item.next_update) out += ", next " + to_rfc3339(*item.next_update);
    if (item.evaluation) out += ", evaluation " + std::to_string(*item.evaluation);
    if (item.revoked) out += ", " + std::to_string(*item.revoked) + " revoked";
    if (item.signer != item.subject) out += ", signed by " + Checklist::clean(item.signer);
    if (!shown.why.empty()) out += ": " + shown.why;
    return out;
}

std::string headline(const Overview& overview) {
    const auto count = [&](Light light) { return std::ranges::count(overview.items, light, &Shown::light); };
    const std::string of = " of " + std::to_string(overview.items.size()) + " items ";
    std::optional<TimePoint> next;
    for (const Shown& shown : overview.items)
        if (shown.changes && (!next || *shown.changes < *next)) next = shown.changes;
    const std::string until = next ? to_rfc3339(*next) : "";
    if (overview.items.empty()) return "red: there is nothing inside";
    if (overview.light == Light::kRed) return "red: " + std::to_string(count(Light::kRed)) + of + "cannot be used";
    if (overview.light == Light::kAmber)
        return "amber: " + std::to_string(count(Light::kAmber)) + of + "are old; the next change is at " + until;
    return "green: " + std::to_string(overview.items.size()) + " items, none of them old before " + until;
}

}  // namespace

Ages Ages::usual() { return {.snp = kUsualAmd, .tdx = kUsualIntel}; }

std::string_view to_string(Light light) {
    switch (light) {
        case Light::kGreen:
            return "green";
        case Light::kAmber:
            return "amber";
        case Light::kRed:
            return "red";
    }
    return "red";
}

Overview look_at(const Collection& collection, const Digest256& name, const Ages& ages, TimePoint now) {
    Overview out{name, collection.fetched, now, {}, Light::kRed};
    for (Item& item : items_of(collection)) {
        Shown shown{.item = std::move(item)};
        judge(shown, shown.item.section == "snp" ? ages.snp : ages.tdx, now);
        out.items.push_back(std::move(shown));
    }
    if (!out.items.empty()) out.light = std::ranges::max(out.items, {}, &Shown::light).light;
    return out;
}

std::string Overview::to_json() const {
    auto out = json::Value::object();
    out.set("schema", json::Value::string("openpcc-collateral-1"));
    out.set("state", json::Value::string(to_string(light)));
    out.set("name", json::Value::string(to_hex(name)));
    out.set("fetched", json::Value::string(to_rfc3339(fetched)));
    out.set("at", json::Value::string(to_rfc3339(now)));
    auto& list = out.set("items", json::Value::array());
    for (const Shown& shown : items) list.push(to_value(shown, now));
    return out.to_text();
}

std::string Overview::render() const {
    std::string out = headline(*this) + "\n";
    out += "file  " + to_hex(name) + ", fetched " + to_rfc3339(fetched) + " (" + age_text(fetched, now) + ")\n";
    for (const Shown& shown : items) out += line_of(shown, now) + "\n";
    return out;
}

}  // namespace openpcc::collateral
