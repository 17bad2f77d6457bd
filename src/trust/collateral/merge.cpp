// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/merge.hpp"

#include <algorithm>
#include <tuple>

#include "crypto/x509/x509.hpp"
#include "trust/collateral/items.hpp"

namespace openpcc::collateral {

namespace {

using tdx::SignedJson;

// Answer is one that can be read. A vendor serves several evaluation numbers side by side and dates each anew, so that a
// newer answer with a lower number takes nothing away: which of them counts is for a verdict. The bytes decide between
// two that say the same; the order is total, and so what is left depends on no order.
struct Answer {
    Body body;
    SignedJson item;

    bool supersedes(const Answer& other) const {
        const auto rank = [](const Answer& one) {
            return std::tie(one.body.issued, one.body.evaluation, one.item.json, one.item.issuer_chain);
        };
        return body.id == other.body.id && body.fmspc == other.body.fmspc &&
               body.evaluation >= other.body.evaluation && rank(*this) > rank(other);
    }
};

template <class Read>
std::vector<SignedJson> newest(std::vector<SignedJson> all, Read read) {
    std::vector<Answer> answers;
    std::vector<SignedJson> out;
    for (SignedJson& one : all) {
        Result<Body> body = read(one.json);
        if (body)
            answers.push_back({std::move(*body), std::move(one)});
        else
            out.push_back(std::move(one));
    }
    for (const Answer& one : answers)
        if (std::ranges::none_of(answers, [&](const Answer& other) { return other.supersedes(one); }))
            out.push_back(one.item);
    return out;
}

struct List {
    Bytes der;
    Bytes issuer;
    TimePoint issued;
    std::vector<Bytes> revoked;

    // A total order in time; containment makes "supersedes" transitive, so what is left does not depend on the order.
    bool supersedes(const List& other) const {
        return issuer == other.issuer && std::tie(issued, der) > std::tie(other.issued, other.der) &&
               std::ranges::includes(revoked, other.revoked);
    }
};

std::vector<Bytes> in_force(std::vector<Bytes> all) {
    std::vector<List> lists;
    std::vector<Bytes> out;
    for (Bytes& der : all) {
        const auto crl = x509::Crl::parse_der(der);
        if (crl)
            lists.push_back({std::move(der), crl->issuer(), crl->this_update(), crl->revoked()});
        else
            out.push_back(std::move(der));
    }
    for (const List& one : lists)
        if (std::ranges::none_of(lists, [&](const List& other) { return other.supersedes(one); }))
            out.push_back(one.der);
    return out;
}

// joined is sorted and without doubles, as the file form is.
std::vector<Bytes> sorted(std::vector<Bytes> items) {
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
}
std::vector<SignedJson> sorted(std::vector<SignedJson> items) {
    std::ranges::sort(items, {}, [](const SignedJson& one) { return std::tie(one.json, one.issuer_chain); });
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
}

template <class Item>
std::vector<Item> joined(const std::vector<Item>& a, const std::vector<Item>& b) {
    std::vector<Item> out = a;
    out.insert(out.end(), b.begin(), b.end());
    return sorted(std::move(out));
}

}  // namespace

Collection merge(const Collection& a, const Collection& b) {
    Collection out;
    out.fetched = std::max(a.fetched, b.fetched);
    out.snp.crls = sorted(in_force(joined(a.snp.crls, b.snp.crls)));
    out.tdx.crls = sorted(in_force(joined(a.tdx.crls, b.tdx.crls)));
    out.tdx.qe_identities = sorted(newest(joined(a.tdx.qe_identities, b.tdx.qe_identities), read_identity));
    out.tdx.tcb_infos = sorted(newest(joined(a.tdx.tcb_infos, b.tdx.tcb_infos), read_tcb_info));
    return out;
}

}  // namespace openpcc::collateral
