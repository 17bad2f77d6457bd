// SPDX-License-Identifier: Apache-2.0
#include "http/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/assert.hpp"

namespace openpcc::testing {

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<BIO, Free>;

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    OPENPCC_ASSERT(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate make(EVP_PKEY* key, const char* common_name, long serial) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24L * 3600);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
    return certificate;
}

bool is_address(const std::string& name) { return name.find_first_not_of("0123456789.:") == std::string::npos; }

}  // namespace

Certificates make_certificates(const std::string& folder, const std::string& name) {
    const Key root_key(EVP_EC_gen("P-256"));
    const Certificate root = make(root_key.get(), "test root", 1);
    X509_set_issuer_name(root.get(), X509_get_subject_name(root.get()));
    add_extension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(root.get(), root_key.get(), EVP_sha256());

    const Key key(EVP_EC_gen("P-256"));
    const Certificate leaf = make(key.get(), "test server", 2);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(root.get()));
    add_extension(leaf.get(), root.get(), NID_subject_alt_name, (is_address(name) ? "IP:" : "DNS:") + name);
    X509_sign(leaf.get(), root_key.get(), EVP_sha256());

    Certificates out{
        .root_pem = folder + "/root.pem", .chain_pem = folder + "/chain.pem", .key_pem = folder + "/key.pem"};
    const File root_file(BIO_new_file(out.root_pem.c_str(), "w"));
    const File chain_file(BIO_new_file(out.chain_pem.c_str(), "w"));
    const File key_file(BIO_new_file(out.key_pem.c_str(), "w"));
    PEM_write_bio_X509(root_file.get(), root.get());
    PEM_write_bio_X509(chain_file.get(), leaf.get());
    PEM_write_bio_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return out;
}

TempFolder::TempFolder() {
    std::string pattern = "/tmp/openpcc-XXXXXX";
    OPENPCC_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace openpcc::testing
