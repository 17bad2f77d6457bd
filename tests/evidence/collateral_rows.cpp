// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text.hpp"
#include "evidence/run.hpp"
#include "wire/json.hpp"

namespace openpcc::collected {

namespace {

std::vector<x509::Certificate> all_roots() {
    std::vector<x509::Certificate> out = snp::amd_roots();
    out.push_back(tdx::intel_root());
    return out;
}

// Signed is one object of a file: whether its signature reaches a pinned root, and what it says of itself.
struct Signed {
    std::string name;
    About about = About::kNothing;
    std::string problem;  // empty: the signature holds at the row's time, and the object is in date
    std::optional<TimePoint> issued;
    std::optional<TimePoint> next_update;
    std::optional<std::uint64_t> evaluation;
    std::optional<std::size_t> entries;
    std::string fmspc;
};

std::string day(TimePoint time) { return to_rfc3339(time).substr(0, 10); }

class CollateralRow {
  public:
    CollateralRow(const Stage& stage, const Row& row, const Stored& file) : stage_(stage), row_(row), file_(file) {}

    Finding run() {
        const auto times = moments(row_.t);
        const std::optional<TimePoint> time = times.empty() ? std::nullopt : std::optional(times[0].time);
        for (const Body& body : file_.content.bodies) {
            signed_.push_back(judge_body(body, time));
            compare_reader(body);
        }
        for (const Bytes& crl : file_.content.crls) signed_.push_back(judge_crl(crl, time));
        compare();
        if (finding_.complaints.empty() && !refused_by_words())
            finding_.today = good_now() ? Today::kGood : Today::kExpired;
        return std::move(finding_);
    }

  private:
    bool refused_by_words() const {
        return decision(row_.verdict) == Decision::kReject || says(row_.words(), "synthetic") ||
               says(row_.words(), "own root");
    }

    // The chain beside it, or of the signing certificates of the collection the one that fits.
    std::vector<x509::Certificate> chain_for(const Body& body, TimePoint time) const {
        if (!body.chain.empty()) return body.chain;
        std::vector<x509::Certificate> out;
        for (const x509::Certificate& each : stage_.archive.certificates_named(tdx::kTcbSigningName)) {
            if (!each.key().verify(crypto::Scheme::kEcdsaP256Sha256, body.object, body.signature)) continue;
            out = {each};
            if (each.not_before() <= time && time <= each.not_after()) break;
        }
        return out;
    }

    std::string problem_of(const Body& body, TimePoint time) const {
        const auto chain = chain_for(body, time);
        if (chain.empty()) return "no signing certificate under the root fits it";
        if (!chain[0].key().verify(crypto::Scheme::kEcdsaP256Sha256, body.object, body.signature))
            return "its signature does not hold";
        if (const auto root = x509::verify_chain(chain, {tdx::intel_root()}, time); !root)
            return "its issuer chain: " + root.error().describe();
        return {};
    }

    Signed judge_body(const Body& body, std::optional<TimePoint> time) const {
        Signed out{.name = body.member};
        const auto inner = json::parse(body.object);
        if (!inner) return out.problem = "it is no strict JSON", out;
        const auto date = [&](std::string_view name) -> std::optional<TimePoint> {
            const json::Value* value = inner->get(name);
            const auto parsed = parse_rfc3339(value == nullptr ? "" : value->as_string().value_or(""));
            return parsed ? std::optional(*parsed) : std::nullopt;
        };
        out.issued = date("issueDate");
        out.next_update = date("nextUpdate");
        out.about = body.member == "tcbInfo"           ? About::kTcbInfo
                    : body.member == "enclaveIdentity" ? About::kIdentity
                                                       : About::kNothing;
        if (const json::Value* number = inner->get("tcbEvaluationDataNumber"); number != nullptr && number->as_int())
            out.evaluation = static_cast<std::uint64_t>(*number->as_int());
        if (const json::Value* family = inner->get("fmspc"); family != nullptr)
            if (const auto bytes = from_hex(family->as_string().value_or(""))) out.fmspc = to_hex(*bytes);
        if (!out.issued || !out.next_update) return out.problem = "it has no dates", out;
        const TimePoint at = time.value_or(*out.issued);
        out.problem = problem_of(body, at);
        if (out.problem.empty() && (at < *out.issued || at >= *out.next_update))
            out.problem = "it is in force from " + to_rfc3339(*out.issued) + " until " + to_rfc3339(*out.next_update);
        return out;
    }

    // What TDX is judged by must be read; everything else (SGX, other enclaves, older versions, lists of numbers)
    // refused.
    void compare_reader(const Body& body) {
        const auto inner = json::parse(body.object);
        if (!inner || refused_by_words()) return;
        const auto is = [&](std::string_view id, std::int64_t version) {
            const json::Value* found = inner->get("id");
            const json::Value* number = inner->get("version");
            return found != nullptr && found->as_string() == id && number != nullptr && number->as_int() == version;
        };
        const bool wanted =
            (body.member == "tcbInfo" && is("TDX", 3)) || (body.member == "enclaveIdentity" && is("TD_QE", 2));
        const tdx::SignedCollateral read(stage_.archive.tdx_collateral({&file_}), intel());
        const auto& list = body.member == "tcbInfo" ? read.tcb_infos().refused : read.qe_identities().refused;
        const std::size_t items =
            body.member == "tcbInfo" ? read.tcb_infos().items.size() : read.qe_identities().items.size();
        if (wanted && items == 0)
            finding_.complaints.push_back("expected " + body.member + " to be read, got " +
                                          (list.empty() ? std::string("nothing") : list[0].why));
        if (!wanted && items > 0) finding_.complaints.push_back("expected " + body.member + " to be refused for TDX");
    }

    Signed judge_crl(const Bytes& der, std::optional<TimePoint> time) const {
        Signed out{.name = "revocation list"};
        const auto crl = x509::Crl::parse_der(der);
        if (!crl) return out.problem = "it cannot be read", out;
        out.about = crl->issuer_common_name().find("Root CA") == std::string::npos ? About::kPckCrl : About::kRootCrl;
        out.issued = crl->this_update();
        out.next_update = crl->next_update();
        out.entries = crl->revoked().size();
        const TimePoint at = time.value_or(crl->this_update());
        if (at < *out.issued || (out.next_update && at >= *out.next_update))
            return out.problem = "it is out of date", out;
        std::vector<x509::Certificate> issuers = all_roots();
        std::erase_if(issuers,
                      [&](const auto& each) { return each.subject_common_name() != crl->issuer_common_name(); });
        for (const auto& each : stage_.archive.certificates_named(crl->issuer_common_name())) issuers.push_back(each);
        out.problem = "no issuer under a pinned root has signed it";
        for (const x509::Certificate& issuer : issuers) {
            const auto chain = stage_.archive.chain_of(issuer, all_roots());
            if (x509::verify_chain(chain, all_roots(), at) && crl->verify(issuer)) out.problem.clear();
        }
        return out;
    }

    void compare() {
        Complaints& out = finding_.complaints;
        for (const Signed& each : signed_) {
            if (refused_by_words() && each.problem.empty())
                out.push_back("expected " + each.name + " to be refused, it is good");
            if (!refused_by_words() && !each.problem.empty())
                out.push_back("expected a good signature in date for " + each.name + ", got: " + each.problem);
            if (!refused_by_words()) compare_facts(each);
        }
    }

    // What the words say of this object: said of its kind, or of nothing in particular where its kind is not spoken of.
    template <class T>
    static std::vector<T> said(const std::vector<T>& all, About about) {
        std::vector<T> out;
        std::ranges::copy_if(all, std::back_inserter(out), [&](const T& each) { return each.about == about; });
        if (out.empty())
            std::ranges::copy_if(all, std::back_inserter(out),
                                 [](const T& each) { return each.about == About::kNothing; });
        return out;
    }

    void compare_facts(const Signed& object) {
        Complaints& out = finding_.complaints;
        const std::string words = row_.words();
        const auto wanted = said(windows(words), object.about);
        const auto fits = [&](const Window& window) {
            return window.from == day(*object.issued) && window.to == day(*object.next_update);
        };
        if (!wanted.empty() && object.issued && object.next_update && std::ranges::none_of(wanted, fits))
            out.push_back("expected " + object.name + " to be in force from " + wanted[0].from + " to " + wanted[0].to +
                          ", got " + day(*object.issued) + " to " + day(*object.next_update));
        compare_number(object.name + " evaluation", said(evaluations(words), object.about), object.evaluation);
        compare_number(object.name + " entries", said(entries(words), object.about), object.entries);
        if (const auto family = fmspc(words); family && !object.fmspc.empty() && *family != object.fmspc)
            out.push_back("expected FMSPC " + *family + ", got " + object.fmspc);
    }

    void compare_number(const std::string& name, const std::vector<Number>& wanted,
                        std::optional<std::uint64_t> found) {
        if (wanted.empty() || !found) return;
        const auto fits = [&](const Number& number) { return number.value == *found; };
        if (std::ranges::none_of(wanted, fits))
            finding_.complaints.push_back("expected " + name + " " + std::to_string(wanted[0].value) + ", got " +
                                          std::to_string(*found));
    }

    bool good_now() const {
        const auto in_force = [&](const Signed& each) {
            return each.next_update && *each.issued <= stage_.now && stage_.now < *each.next_update;
        };
        return std::ranges::all_of(signed_, in_force);
    }

    const Stage& stage_;
    const Row& row_;
    const Stored& file_;
    std::vector<Signed> signed_;
    Finding finding_;
};

}  // namespace

Finding judge_collateral(const Stage& stage, const Row& row, const Stored& file) {
    return CollateralRow(stage, row, file).run();
}

}  // namespace openpcc::collected
