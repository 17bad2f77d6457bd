// SPDX-License-Identifier: Apache-2.0
#include "apps/policies/policy_file.hpp"

namespace openpcc::policies {

namespace {

// Errors about a file name it.
template <class T>
Result<T> of_file(const std::string& path, Result<T> result) {
    if (!result) return fail(result.error().code(), path + ": " + result.error().text());
    return result;
}

}  // namespace

Result<policy::Policy> load(const std::string& path, const std::optional<envelope::SignerSet>& signers) {
    OPENPCC_TRY(const std::string text, config::read_file(path, envelope::kMaxEnvelope));
    return open(text, path, signers);
}

Result<policy::Policy> open(std::string_view text, const std::string& from,
                            const std::optional<envelope::SignerSet>& signers) {
    if (text.size() > envelope::kMaxEnvelope) return fail(policy::kBadPolicy, from + ": is too long");
    const bool is_signed = envelope::looks_like_envelope(as_bytes(text));
    if (!signers && is_signed)
        return fail(policy::kBadPolicy, from + ": is signed, and no signers are named to judge it by");
    if (!signers) return of_file(from, policy::Policy::parse(as_bytes(text)));
    if (!is_signed) return fail(envelope::kUnderSigned, from + ": is not signed, and signers are named");
    return of_file(from, policy::Policy::open(as_bytes(text), *signers));
}

Result<Unverified<Claimed>> read_claimed(const std::string& path) {
    OPENPCC_TRY(const std::string text, config::read_file(path, envelope::kMaxEnvelope));
    Claimed out;
    out.envelope.type = policy::kPayloadType;
    out.envelope.payload = to_bytes(text);
    if (envelope::looks_like_envelope(as_bytes(text))) {
        OPENPCC_TRY(auto parsed, of_file(path, envelope::Envelope::parse(as_bytes(text))));
        out.envelope = std::move(parsed).claimed();
        if (out.envelope.type != policy::kPayloadType)
            return fail(envelope::kMalformed, path + ": the payload is of another type");
    }
    OPENPCC_TRY(out.policy, of_file(path, policy::Policy::parse(out.envelope.payload)));
    return Unverified<Claimed>(std::move(out));
}

Result<std::optional<envelope::SignerSet>> signer_set(const std::vector<std::string>& texts,
                                                      std::optional<std::int64_t> threshold) {
    if (texts.empty() && !threshold) return std::nullopt;
    if (texts.empty()) return fail(envelope::kBadSigner, "a threshold, and no signers");
    std::vector<envelope::Signer> signers;
    for (const std::string& text : texts) {
        OPENPCC_TRY(auto signer, envelope::Signer::parse(text));
        signers.push_back(std::move(signer));
    }
    const auto needed = static_cast<std::size_t>(threshold.value_or(static_cast<std::int64_t>(signers.size())));
    OPENPCC_TRY(auto set, envelope::SignerSet::make(std::move(signers), needed));
    return set;
}

}  // namespace openpcc::policies
