// SPDX-License-Identifier: Apache-2.0
#include <openssl/rsa.h>

#include <array>
#include <charconv>

#include "crypto/errors.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

using crypto::ErrorsLeftClean;
using crypto::Freed;
using crypto::kBadCertificate;

namespace {

bool strong_digest(int nid) { return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512; }

// The digest of RSASSA-PSS is in its parameters; absent means SHA-1 (RFC 8017 appendix A.2.3).
bool strong_pss(const X509_ALGOR* algorithm) {
    const ASN1_TYPE* parameter = algorithm->parameter;
    if (parameter == nullptr || parameter->type != V_ASN1_SEQUENCE) return false;
    const std::unique_ptr<RSA_PSS_PARAMS, Freed<RSA_PSS_PARAMS_free>> pss(
        static_cast<RSA_PSS_PARAMS*>(ASN1_item_unpack(parameter->value.sequence, ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
    return pss != nullptr && pss->hashAlgorithm != nullptr && strong_digest(OBJ_obj2nid(pss->hashAlgorithm->algorithm));
}

// X.690 section 8.19: two arcs in the first subidentifier, seven bits an octet.
void append_arc(Bytes& out, std::uint64_t arc) {
    std::array<std::uint8_t, 10> octets{};
    std::size_t count = 0;
    do {
        octets[count++] = static_cast<std::uint8_t>((arc & 0x7f) | (count == 0 ? 0 : 0x80));
        arc >>= 7;
    } while (arc != 0);
    while (count > 0) out.push_back(octets[--count]);
}

// The content of an OBJECT IDENTIFIER from its dotted form; nothing when it is none.
std::optional<Bytes> oid_from(std::string_view dotted) {
    Bytes out;
    std::optional<std::uint64_t> first;
    for (std::size_t arcs = 0; !dotted.empty(); ++arcs) {
        std::uint32_t arc = 0;
        const auto [end, error] = std::from_chars(dotted.data(), dotted.data() + dotted.size(), arc);
        if (error != std::errc()) return std::nullopt;
        dotted.remove_prefix(static_cast<std::size_t>(end - dotted.data()));
        if (!dotted.empty() && (dotted.front() != '.' || dotted.size() == 1)) return std::nullopt;
        if (!dotted.empty()) dotted.remove_prefix(1);
        if (arcs == 0) first = arc;
        if (arcs == 0 && arc > 2) return std::nullopt;
        if (arcs == 1) append_arc(out, *first * 40 + arc);
        if (arcs > 1) append_arc(out, arc);
    }
    if (out.empty()) return std::nullopt;
    return out;
}

}  // namespace

std::string common_name(const X509_NAME* name) {
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
    if (last < 0) return {};
    std::uint8_t* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (size < 0) return {};
    std::string out = to_string(ByteView(text, static_cast<std::size_t>(size)));
    OPENSSL_free(text);
    return out;
}

bool strong_algorithm(const X509_ALGOR* algorithm) {
    const int nid = OBJ_obj2nid(algorithm->algorithm);
    if (nid == NID_ED25519) return true;
    if (nid == NID_rsassaPss) return strong_pss(algorithm);
    int digest = NID_undef;
    int key = NID_undef;
    return OBJ_find_sigid_algs(nid, &digest, &key) == 1 && strong_digest(digest);
}

Result<Certificate> Certificate::parse_der(ByteView der) {
    Bytes own(der);
    OPENPCC_TRY(Parts parts, read_parts(own));
    auto key = crypto::VerifyingKey::parse_spki(parts.spki);
    if (!key) return fail(kBadCertificate, "a public key of a kind that is not used here");
    return Certificate(std::make_shared<const Handle>(Handle{std::move(own), std::move(parts), *std::move(key)}));
}

Result<std::vector<Certificate>> Certificate::parse_pem_chain(ByteView pem, std::size_t limit) {
    OPENPCC_TRY(const std::vector<Bytes> blocks, pem_blocks(pem, "CERTIFICATE", limit));
    std::vector<Certificate> chain;
    for (const Bytes& block : blocks) {
        OPENPCC_TRY(Certificate certificate, parse_der(block));
        chain.push_back(std::move(certificate));
    }
    return chain;
}

Bytes Certificate::der() const { return handle_->der; }

std::string Certificate::subject_common_name() const { return handle_->parts.subject.common_name; }
std::string Certificate::issuer_common_name() const { return handle_->parts.issuer.common_name; }

Bytes Certificate::serial() const {
    // Without its sign, as others print it; zero is one octet.
    ByteView content = handle_->parts.serial;
    if (content.size() > 1 && content[0] == 0) content = content.subspan(1);
    Bytes out(content);
    if (handle_->parts.serial[0] < 0x80) return out;
    for (std::uint8_t& octet : out.span()) octet = static_cast<std::uint8_t>(~octet);
    for (std::size_t i = out.size(); i-- > 0;)
        if (++out[i] != 0) break;
    while (out.size() > 1 && out[0] == 0) out.erase_front(1);
    return out;
}

TimePoint Certificate::not_before() const { return handle_->parts.not_before; }
TimePoint Certificate::not_after() const { return handle_->parts.not_after; }
crypto::VerifyingKey Certificate::key() const { return handle_->key; }
Digest256 Certificate::fingerprint() const { return crypto::sha256(handle_->der); }

std::optional<Bytes> Certificate::extension(std::string_view dotted_oid) const {
    const auto oid = oid_from(dotted_oid);
    const ExtensionPart* part = oid ? handle_->parts.extension(*oid) : nullptr;
    if (part == nullptr) return std::nullopt;
    return Bytes(part->content);
}

std::optional<std::string> Certificate::crl_distribution_point() const {
    const ErrorsLeftClean clean;
    const auto content = extension("2.5.29.31");
    if (!content) return std::nullopt;
    const std::uint8_t* at = content->data();
    const std::unique_ptr<CRL_DIST_POINTS, Freed<CRL_DIST_POINTS_free>> points(
        d2i_CRL_DIST_POINTS(nullptr, &at, static_cast<long>(content->size())));
    for (int i = 0; points != nullptr && i < sk_DIST_POINT_num(points.get()); ++i) {
        const DIST_POINT_NAME* name = sk_DIST_POINT_value(points.get(), i)->distpoint;
        if (name == nullptr || name->type != 0) continue;  // 0: fullName
        for (int j = 0; j < sk_GENERAL_NAME_num(name->name.fullname); ++j) {
            int type = 0;
            const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(name->name.fullname, j), &type);
            if (type != GEN_URI) continue;
            const auto* uri = static_cast<const ASN1_STRING*>(value);
            return to_string(ByteView(ASN1_STRING_get0_data(uri), static_cast<std::size_t>(ASN1_STRING_length(uri))));
        }
    }
    return std::nullopt;
}

}  // namespace openpcc::x509
