// SPDX-License-Identifier: Apache-2.0
#include "io/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <climits>
#include <ctime>
#include <memory>

#include "io/net/errors.hpp"
#include "io/net/tls_context.hpp"

namespace openpcc::net {

namespace {

// RFC 7301: a length before each name. HTTP/2 will be a second entry.
constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Result<SslContext> read_pair(const std::string& chain_pem, const std::string& key_pem);
TimePoint end_of(SSL_CTX* context);

class Server final : public TlsServer {
  public:
    Server(SslContext made, std::string chain, std::string key)
        : context(std::move(made)), chain_(std::move(chain)), key_(std::move(key)) {}

    Result<void> reload(TimePoint now) override {
        OPENPCC_TRY(SslContext fresh, read_pair(chain_, key_));
        if (end_of(fresh.get()) <= now) return fail(kBadFile, "the certificate in " + chain_ + " has expired");
        context = std::move(fresh);  // sessions hold on to the one that they began with
        return {};
    }
    TimePoint expires() const override { return end_of(context.get()); }

    SslContext context;

  private:
    std::string chain_, key_;
};

class Client final : public TlsClient {
  public:
    explicit Client(SslContext made) : context(std::move(made)) {}
    SslContext context;
};

// A peer that offers protocols and none of ours is refused (RFC 7301 section 3.2); one that offers none is served.
int select_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int length, void*) {
    const int found = SSL_select_next_proto(const_cast<unsigned char**>(out), size, kProtocols.data(),
                                            kProtocols.size(), offered, length);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key with a passphrase is an error, not a question on somebody's terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

SslContext make_context(const SSL_METHOD* method) {
    SslContext context(SSL_CTX_new(method));
    if (context == nullptr) return context;
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    // A write may stop half way and go on later with what is left, from wherever it lies then.
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
    return context;
}

Result<std::shared_ptr<const TlsClient>> make_client(SslContext context, int loaded) {
    ERR_clear_error();
    if (loaded != 1) return fail(kBadFile, "cannot read trusted certificates");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_set_alpn_protos(context.get(), kProtocols.data(), kProtocols.size()) != 0) return fail(core::kInternal);
    return std::make_shared<const Client>(std::move(context));
}

// add_roots adds every certificate of a text; 0 when there is none, or when one cannot be read.
int add_roots(SSL_CTX& context, std::string_view pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                            &BIO_free_all);
    X509_STORE* store = SSL_CTX_get_cert_store(&context);
    int added = 0;
    while (bio != nullptr) {
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr), &X509_free);
        if (certificate == nullptr) break;
        if (X509_STORE_add_cert(store, certificate.get()) != 1) return 0;
        ++added;
    }
    return added > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE ? 1 : 0;
}

Result<SslContext> read_pair(const std::string& chain_pem, const std::string& key_pem) {
    SslContext context = make_context(TLS_server_method());
    if (context == nullptr) return fail(core::kInternal);
    // No tickets: resuming would let an observer, and the relay, link one visit with the next.
    SSL_CTX_set_num_tickets(context.get(), 0);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
    const bool chain = SSL_CTX_use_certificate_chain_file(context.get(), chain_pem.c_str()) == 1;
    const bool key = chain && SSL_CTX_use_PrivateKey_file(context.get(), key_pem.c_str(), SSL_FILETYPE_PEM) == 1;
    // OpenSSL reads a key only for the certificate that it has.
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    const bool foreign = chain && !key && (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH);
    const bool pair = !foreign && (!key || SSL_CTX_check_private_key(context.get()) == 1);
    ERR_clear_error();
    if (!chain) return fail(kBadFile, "cannot read a certificate chain from " + chain_pem);
    if (!pair) return fail(kBadFile, "the key does not belong to the certificate in " + chain_pem);
    if (!key) return fail(kBadFile, "cannot read the certificate's private key from " + key_pem);
    return context;
}

TimePoint end_of(SSL_CTX* context) {
    const X509* certificate = SSL_CTX_get0_certificate(context);
    std::tm end{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return TimePoint{};
    using namespace std::chrono;
    const year_month_day day(year(end.tm_year + 1900), month(static_cast<unsigned>(end.tm_mon + 1)),
                             std::chrono::day(static_cast<unsigned>(end.tm_mday)));
    return sys_days(day) + hours(end.tm_hour) + minutes(end.tm_min) + seconds(end.tm_sec);
}

}  // namespace

Result<std::shared_ptr<TlsServer>> TlsServer::from_files(const std::string& chain_pem, const std::string& key_pem) {
    OPENPCC_TRY(SslContext context, read_pair(chain_pem, key_pem));
    return std::make_shared<Server>(std::move(context), chain_pem, key_pem);
}

Result<std::shared_ptr<const TlsClient>> TlsClient::system_roots() {
    SslContext context = make_context(TLS_client_method());
    if (context == nullptr) return fail(core::kInternal);
    const int loaded = SSL_CTX_set_default_verify_paths(context.get());
    return make_client(std::move(context), loaded);
}

Result<std::shared_ptr<const TlsClient>> TlsClient::roots_from_file(const std::string& path) {
    SslContext context = make_context(TLS_client_method());
    if (context == nullptr) return fail(core::kInternal);
    const int loaded = SSL_CTX_load_verify_file(context.get(), path.c_str());
    return make_client(std::move(context), loaded);
}

Result<std::shared_ptr<const TlsClient>> TlsClient::roots_from_pem(std::string_view pem) {
    SslContext context = make_context(TLS_client_method());
    if (context == nullptr || pem.size() > INT_MAX) return fail(core::kInternal);
    ERR_clear_error();
    const int loaded = add_roots(*context, pem);
    return make_client(std::move(context), loaded);
}

SslSession new_session(const TlsServer& server) {
    return SslSession(SSL_new(static_cast<const Server&>(server).context.get()));
}
SslSession new_session(const TlsClient& client) {
    return SslSession(SSL_new(static_cast<const Client&>(client).context.get()));
}

}  // namespace openpcc::net
