// SPDX-License-Identifier: Apache-2.0
#include "apps/proxy/page.hpp"

#include <algorithm>
#include <charconv>

#include "core/checklist.hpp"
#include "core/text.hpp"
#include "protocol/openai/errors.hpp"
#include "trust/verify/explain.hpp"
#include "trust/verify/render.hpp"

namespace openpcc::proxy {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kBytes = "application/octet-stream";
constexpr std::string_view kText = "text/plain; charset=utf-8";
// Enough to find one's own among; a line is some hundred bytes.
constexpr std::size_t kAskedKept = 32;

json::Value text(std::string_view value) { return json::Value::string(Checklist::clean(value)); }
json::Value time(TimePoint value) { return json::Value::string(to_rfc3339(value)); }
json::Value number(std::uint64_t value) { return json::Value::integer(static_cast<std::int64_t>(value)); }

json::Value json_checks(statement::TeeType tee) {
    auto out = json::Value::array();
    for (const CheckSpec& spec : verify::checks(tee)) {
        const verify::Explanation explanation = verify::explain(spec.id);
        auto& check = out.push(json::Value::object());
        check.set("id", text(spec.id));
        check.set("paragraph", text(spec.paragraph));
        check.set("meaning", text(explanation.meaning));
        check.set("remedy", text(explanation.remedy));
    }
    return out;
}

std::string checks() {
    auto out = json::Value::object();
    out.set("schema", text("openpcc-checks-1"));
    out.set("tdx", json_checks(statement::TeeType::kTdx));
    out.set("snp", json_checks(statement::TeeType::kSnp));
    return out.to_text();
}

json::Value json_asked(const Asked& asked, std::uint64_t number_of) {
    auto out = json::Value::object();
    out.set("number", number(number_of));
    out.set("at", time(asked.at));
    out.set("path", text(asked.path));
    out.set("outcome", text(asked.outcome));
    out.set("answered_by", asked.answered_by.empty() ? json::Value() : text(asked.answered_by));
    out.set("sent", number(asked.sent));
    out.set("received", number(asked.received));
    out.set("milliseconds", number(static_cast<std::uint64_t>(asked.took.count())));
    return out;
}

Error unknown(std::string_view why) { return Error(openai::kUnknownPath, std::string(why)); }

// take_number reads a number without leading zeros from the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t out = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    const auto size = static_cast<std::size_t>(read.ptr - text.data());
    if (read.ec != std::errc() || (size > 1 && text.front() == '0')) return std::nullopt;
    text.remove_prefix(size);
    return out;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::string what_was_asked(const verify::Expectation& expectation) {
    if (!expectation.challenge) return "";
    return to_hex(expectation.challenge->challenge) + " " + to_rfc3339(expectation.challenge->sent) + "\n";
}

}  // namespace

const PageFile* find_page_file(std::string_view path) {
    const auto files = page_files();
    const auto file = std::ranges::find(files, path, &PageFile::path);
    return file == files.end() ? nullptr : &*file;
}

void guard_page(http::Fields& fields) {
    fields.set("content-security-policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
               "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
               "trusted-types 'none'");
    fields.set("cross-origin-opener-policy", "same-origin");
    fields.set("cross-origin-resource-policy", "same-origin");
    fields.set("referrer-policy", "no-referrer");
    fields.set("x-content-type-options", "nosniff");
    fields.set("cache-control", "no-store");
}

PageService PageService::of(const client::Profile& profile) {
    return {profile.relay.to_text(), profile.policy.name, std::string(policy::to_string(profile.policy.preset)),
            profile.policy.expires, profile.policy.candidates};
}

void Page::note(Asked asked) {
    asked_.push_front(std::move(asked));
    ++asked_count_;
    if (asked_.size() > kAskedKept) asked_.pop_back();
}

net::Task<Result<void>> Page::check() {
    OPENPCC_CO_TRY(const auto judged, co_await session_.judge_nodes());
    (void)judged;
    co_return Result<void>{};
}

const Page::Judging& Page::last_judging() {
    if (auto judged = session_.judged(); judged != judging_.judged) judging_ = {judging_.number + 1, std::move(judged)};
    return judging_;
}

std::string Page::state() {
    auto out = json::Value::object();
    out.set("schema", text("openpcc-page-1"));
    out.set("relay", text(service_.relay));
    auto& policy = out.set("policy", json::Value::object());
    policy.set("name", text(service_.policy));
    policy.set("preset", text(service_.preset));
    policy.set("expires", time(service_.policy_expires));
    policy.set("candidates", number(service_.candidates));
    const Judging& last = last_judging();
    auto& judging = out.set("judging", last.judged ? json::Value::object() : json::Value());
    if (last.judged) {
        judging.set("number", number(last.number));
        judging.set("at", time(last.judged->at));
        auto& nodes = judging.set("nodes", json::Value::array());
        for (const client::JudgedNode& node : last.judged->nodes) nodes.push(text(node.statement));
    }
    auto& requests = out.set("requests", json::Value::array());
    for (std::size_t i = 0; i < asked_.size(); ++i) requests.push(json_asked(asked_[i], asked_count_ - i));
    return out.to_text();
}

Result<Page::Content> Page::get_node(std::string_view path) {
    const auto judging = take_number(path);
    if (!judging || !take(path, "/nodes/")) return std::unexpected(unknown("no such path"));
    const auto index = take_number(path);
    if (!index) return std::unexpected(unknown("no such path"));
    const Judging& last = last_judging();
    if (!last.judged || last.number != *judging) return std::unexpected(unknown("another judging is the last one"));
    if (*index >= last.judged->nodes.size()) return std::unexpected(unknown("no such node"));
    const client::JudgedNode& node = last.judged->nodes[*index];
    if (path.empty()) return Content{std::string(kJson), verify::verdict_to_json(node.verification)};
    if (path == "/bundle") return Content{std::string(kBytes), std::string(as_text(node.bundle))};
    if (path == "/challenge") return Content{std::string(kText), what_was_asked(node.expectation)};
    return std::unexpected(unknown("no such path"));
}

Result<Page::Content> Page::get(std::string_view path) {
    if (path == "/verify/state") return Content{std::string(kJson), state()};
    if (path == "/verify/checks") return Content{std::string(kJson), checks()};
    if (take(path, "/verify/judgings/")) return get_node(path);
    return std::unexpected(unknown("no such path"));
}

}  // namespace openpcc::proxy
