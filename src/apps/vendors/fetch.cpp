// SPDX-License-Identifier: Apache-2.0
#include "apps/vendors/fetch.hpp"

#include <algorithm>
#include <map>

#include "core/text.hpp"
#include "evidence/rules/rules.hpp"
#include "io/http/client.hpp"
#include "io/net/errors.hpp"
#include "io/net/event.hpp"
#include "trust/collateral/forms.hpp"
#include "trust/collateral/items.hpp"

namespace openpcc::vendors {

namespace {

using collateral::Kind;
using Answer = http::Client::Whole;

// Question is one thing that a vendor publishes.
struct Question {
    std::string what;
    net::Endpoint at;
    std::string path;
    Kind kind;
    std::string_view section;      // of a revocation list
    std::string_view chain_field;  // where an answer brings its issuer chain, if it does
    std::string fmspc;             // of TCB info
};

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

// The services are those of PCS API v4 and of AMD's KDS (VCEK specification 57230). TDX needs the list of the platform
// CA alone: no processor with TDX has its certificate from the other one.
std::vector<Question> questions(const Sources& sources, const Wanted& wanted) {
    std::vector<Question> out;
    for (const Fmspc& fmspc : wanted.fmspcs) {
        const std::string digits = to_hex(fmspc);
        out.push_back({"TCB info for FMSPC " + digits, sources.intel_api,
                       "/tdx/certification/v4/tcb?fmspc=" + upper(digits), Kind::kTcbInfo, "tdx",
                       "tcb-info-issuer-chain", digits});
    }
    if (!wanted.fmspcs.empty()) {
        out.push_back({"QE identity", sources.intel_api, "/tdx/certification/v4/qe/identity", Kind::kQeIdentity, "tdx",
                       "sgx-enclave-identity-issuer-chain", ""});
        out.push_back({"revocation list of Intel's PCK platform CA", sources.intel_api,
                       "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", Kind::kCrl, "tdx",
                       "sgx-pck-crl-issuer-chain", ""});
        out.push_back({"revocation list of Intel's root", sources.intel_certificates, "/IntelSGXRootCA.der", Kind::kCrl,
                       "tdx", "", ""});
    }
    for (const std::string& product : wanted.products)
        for (const std::string_view key : {"vcek", "vlek"})
            out.push_back({"revocation list of AMD for " + product + " (" + std::string(key) + ")", sources.amd_kds,
                           "/" + std::string(key) + "/v1/" + product + "/crl", Kind::kCrl, "snp", "", ""});
    return out;
}

Result<void> not_of_the_future(TimePoint issued, TimePoint now) {
    if (issued <= now + evidence::CollateralAge::kSkew) return {};
    return fail(kBadAnswer, "issued in the future; is the clock of this machine right?");
}

using Chain = std::vector<x509::Certificate>;

Result<Chain> chain_of(const Question& question, const Answer& answer) {
    const auto field = answer.head.fields.get(question.chain_field);
    const auto chain = field ? collateral::read_chain(*field) : fail(kBadAnswer);
    if (!chain) return fail(kBadAnswer, "an answer without an issuer chain that can be read");
    return *chain;
}

// The chain is looked at as of the day when all of it had begun; whether it still holds is asked with evidence.
bool reaches(const Chain& chain, const Chain& roots) {
    const auto latest = std::ranges::max(chain, {}, &x509::Certificate::not_before).not_before();
    return x509::verify_chain(chain, roots, latest).has_value();
}

bool signed_under(ByteView body, const Chain& chain, const Chain& roots) {
    const auto part = collateral::signed_part(as_text(body));
    const auto signature = part ? from_hex(part->signature) : fail(kBadAnswer);
    return signature && reaches(chain, roots) &&
           chain.front().key().verify(crypto::Scheme::kEcdsaP256Sha256, as_bytes(part->object), *signature);
}

bool signed_under(const x509::Crl& crl, const Chain& issuers, const Chain& roots) {
    return std::ranges::any_of(issuers,
                               [&](const x509::Certificate& one) { return crl.verify(one) && reaches({one}, roots); });
}

std::unexpected<Error> not_signed() { return fail(kBadAnswer, "not signed under the vendor's root"); }

Result<void> take_body(const Question& question, const Answer& answer, const Sources& sources, TimePoint now,
                       collateral::Collection& into) {
    const bool tcb = question.kind == Kind::kTcbInfo;
    const auto body = tcb ? collateral::read_tcb_info(answer.content) : collateral::read_identity(answer.content);
    if (!body) return fail(kBadAnswer, body.error().text());
    if (body->id != (tcb ? "TDX" : "TD_QE") || body->fmspc != question.fmspc)
        return fail(kBadAnswer, "an answer about something else");
    OPENPCC_CHECK(not_of_the_future(body->issued, now));
    OPENPCC_TRY(const Chain chain, chain_of(question, answer));
    if (!signed_under(answer.content, chain, sources.intel_roots)) return not_signed();
    auto& list = tcb ? into.tdx.tcb_infos : into.tdx.qe_identities;
    list.push_back({answer.content, collateral::pem_of(chain)});
    return {};
}

Result<void> take_crl(const Question& question, const Answer& answer, const Sources& sources, TimePoint now,
                      collateral::Collection& into) {
    const auto crl = x509::Crl::parse_der(answer.content);
    if (!crl) return fail(kBadAnswer, "not a revocation list in DER");
    if (collateral::section_of(crl->issuer_common_name()) != question.section)
        return fail(kBadAnswer, "a revocation list of another issuer");
    OPENPCC_CHECK(not_of_the_future(crl->this_update(), now));
    const Chain& roots = question.section == "snp" ? sources.amd_roots : sources.intel_roots;
    Chain issuers = roots;
    if (!question.chain_field.empty()) {
        OPENPCC_TRY(issuers, chain_of(question, answer));
    }
    if (!signed_under(*crl, issuers, roots)) return not_signed();
    (question.section == "snp" ? into.snp.crls : into.tdx.crls).push_back(crl->der());
    return {};
}

Result<void> take(const Question& question, const Answer& answer, const Sources& sources, TimePoint now,
                  collateral::Collection& into) {
    const auto status = answer.head.status;
    if (status >= 300 && status < 400)
        return fail(kNotServed, "status " + std::to_string(status) + "; redirects are not followed");
    if (status != 200) return fail(kNotServed, "status " + std::to_string(status));
    const auto take_kind = question.kind == Kind::kCrl ? take_crl : take_body;
    collateral::Collection one;
    OPENPCC_CHECK(take_kind(question, answer, sources, now, one));
    if (const auto written = one.to_json(); !written) return fail(kBadAnswer, written.error().text());
    return take_kind(question, answer, sources, now, into);
}

// Asker keeps a connection to each address. A server that sends a byte now and then cannot hold it for longer than its
// patience.
class Asker {
  public:
    Asker(net::Loop& loop, std::shared_ptr<const net::TlsClient> tls, net::Clock::duration patience)
        : loop_(loop), tls_(std::move(tls)), patience_(patience) {}

    net::Task<Result<Answer>> ask(const Question& question) {
        net::Event answered(loop_);
        std::optional<Result<Answer>> answer;
        const net::Deadline deadline = net::after(patience_);
        const auto asking = net::spawn_child(loop_, exchange(question, answered, answer));
        Result<void> waited;
        while (!answer && waited) waited = co_await answered.wait(deadline);
        asking->cancel();
        co_await asking->done();
        if (!waited) co_return std::unexpected(waited.error());
        co_return std::move(*answer);
    }

  private:
    net::Task<void> exchange(const Question& question, net::Event& answered, std::optional<Result<Answer>>& answer) {
        const std::size_t limit = question.kind == Kind::kCrl ? collateral::kMaxCrl : collateral::kMaxText;
        http::RequestHead head{.method = "GET", .path = question.path};
        answer = co_await client_of(question.at).fetch(std::move(head), ByteView(), limit);
        answered.notify();
    }
    http::Client& client_of(const net::Endpoint& at) {
        auto& client = clients_[at.to_text()];
        if (client == nullptr) client = http::Client::make(loop_, at, http::ClientLimits(), tls_);
        return *client;
    }

    net::Loop& loop_;
    std::shared_ptr<const net::TlsClient> tls_;
    net::Clock::duration patience_;
    std::map<std::string, std::unique_ptr<http::Client>> clients_;
};

}  // namespace

net::Task<Fetched> fetch(net::Loop& loop, Sources sources, Wanted wanted, TimePoint now,
                         net::Clock::duration patience) {
    Fetched out;
    out.collection.fetched = now;
    Asker asker(loop, sources.tls, patience);
    const std::vector<Question> asked = questions(sources, wanted);
    for (const Question& question : asked) {
        const auto answer = co_await asker.ask(question);
        const auto taken =
            answer ? take(question, *answer, sources, now, out.collection) : std::unexpected(answer.error());
        if (!taken) out.failures.push_back({question.what, taken.error()});
        if (!taken && taken.error() == net::kCancelled) break;
    }
    co_return out;
}

}  // namespace openpcc::vendors
