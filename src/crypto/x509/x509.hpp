// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "crypto/signature.hpp"

// X.509 certificates and chains on OpenSSL (RFC 5280), as attestation needs them: pinned roots, no system store, no
// network, time given by the caller.
namespace openpcc::x509 {

// Certificate is a parsed certificate. Immutable, cheap to copy.
class Certificate {
  public:
    static Result<Certificate> parse_der(ByteView der);
    // parse_pem_chain reads one or more PEM certificates and nothing else but white space (and a final NUL, which Intel
    // writes); at most `limit`.
    static Result<std::vector<Certificate>> parse_pem_chain(ByteView pem, std::size_t limit);

    Bytes der() const;
    std::string subject_common_name() const;
    std::string issuer_common_name() const;
    Bytes serial() const;  // big-endian, no leading zero
    TimePoint not_before() const;
    TimePoint not_after() const;
    crypto::VerifyingKey key() const;
    Digest256 fingerprint() const;  // SHA-256 of the DER
    // extension is the content (inside the OCTET STRING) of the extension with that dotted OID, when present once.
    std::optional<Bytes> extension(std::string_view dotted_oid) const;
    std::optional<std::string> crl_distribution_point() const;

    struct Handle;
    explicit Certificate(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
    const Handle& handle() const { return *handle_; }

  private:
    std::shared_ptr<const Handle> handle_;
};

// Crl is a certificate revocation list.
class Crl {
  public:
    static Result<Crl> parse_der(ByteView der);
    static Result<Crl> parse_pem(ByteView pem);
    Bytes der() const;
    std::string issuer_common_name() const;
    Bytes issuer() const;  // DER of the whole name
    TimePoint this_update() const;
    std::optional<TimePoint> next_update() const;
    // verify checks the signature with the issuer's key.
    Result<void> verify(const Certificate& issuer) const;
    bool revokes(const Certificate& certificate) const;
    // revoked is every serial number on the list: big-endian, no leading zero, sorted.
    std::vector<Bytes> revoked() const;

    struct Handle;
    explicit Crl(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
    const Handle& handle() const { return *handle_; }

  private:
    std::shared_ptr<const Handle> handle_;
};

// verify_chain checks that chain[0] (the leaf) is signed by chain[1] and so on up to a certificate that equals one of
// `roots` byte for byte or is signed by one; CA flags, path length, key usage and validity at `now`. It returns the
// root reached. crypto.untrusted with a text that names the certificate otherwise. Roots are never taken from `chain`.
Result<Certificate> verify_chain(const std::vector<Certificate>& chain, const std::vector<Certificate>& roots, TimePoint now);

// CertificateSpec and make_certificate write certificates for tests and simulated hardware.
struct CertificateSpec {
    std::string common_name;
    TimePoint not_before;
    TimePoint not_after;
    std::uint64_t serial = 1;
    bool is_ca = false;
    std::optional<int> path_length;
    struct Extension {
        std::string dotted_oid;
        Bytes content;
        bool critical = false;
    };
    std::vector<Extension> extensions;
    std::string organization;  // empty: none
    std::optional<crypto::Scheme> scheme;  // how the issuer signs; none: as its key is used by default
};
// issuer == nullptr makes a self-signed certificate with issuer_key.
Result<Certificate> make_certificate(const CertificateSpec& spec, const crypto::VerifyingKey& subject_key,
                                     const Certificate* issuer, const crypto::SigningKey& issuer_key);
Result<Crl> make_crl(const Certificate& issuer, const crypto::SigningKey& issuer_key, TimePoint this_update,
                     TimePoint next_update, const std::vector<Bytes>& revoked_serials,
                     std::optional<crypto::Scheme> scheme = std::nullopt);

}  // namespace openpcc::x509
