// SPDX-License-Identifier: Apache-2.0
#include "io/net/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <fstream>
#include <thread>

#include "http/certificates.hpp"
#include "io/net/connect.hpp"
#include "io/net/errors.hpp"
#include "io/net/listener.hpp"

namespace openpcc::net {
namespace {

using std::chrono::seconds;

class Tls : public ::testing::Test {
  protected:
    openpcc::testing::TempFolder folder;
    openpcc::testing::TempFolder other;
    Loop loop;
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Child> accepting;
    std::string accepted;

    void serve(const std::string& name) {
        const auto files = openpcc::testing::make_certificates(folder.path(), name);
        const Endpoint at{.kind = Endpoint::Kind::kTls, .host = "127.0.0.1", .port = 0};
        auto tls = TlsServer::from_files(files.chain_pem, files.key_pem).value();
        listener = Listener::open(loop, at, tls).value();
        accepting = spawn_child(loop, accept());
    }
    Task<void> accept() {
        for (;;) {
            auto got = co_await listener->accept();
            if (!got) co_return;
            Bytes buffer(10);
            const ByteSpan room = buffer.span();
            const auto read = co_await (*got)->read_some(room, after(seconds(5)));
            accepted = read ? "data" : std::string(read.error().name());
        }
    }
    std::string dial(const std::string& host, std::shared_ptr<const TlsClient> tls) {
        Endpoint at = listener->endpoint();
        at.host = host;
        auto got = loop.run_until_done(connect(loop, at, std::move(tls), after(seconds(5))));
        return got ? "ok" : got.error().describe();
    }
    std::shared_ptr<const TlsClient> trusting(const std::string& where) {
        return TlsClient::roots_from_file(where + "/root.pem").value();
    }
};

TEST_F(Tls, AcceptsTheRightNameUnderTheRightRoot) {
    serve("localhost");
    EXPECT_EQ(dial("localhost", trusting(folder.path())), "ok");
}

TEST_F(Tls, RefusesAnotherName) {
    serve("relay.example");
    EXPECT_EQ(dial("localhost", trusting(folder.path())), "net.tls: hostname mismatch");
    EXPECT_EQ(dial("127.0.0.1", trusting(folder.path())), "net.tls: IP address mismatch");
}

TEST_F(Tls, RefusesAnotherRoot) {
    serve("localhost");
    openpcc::testing::make_certificates(other.path(), "localhost");
    EXPECT_TRUE(dial("localhost", trusting(other.path())).starts_with("net.tls: "));
    EXPECT_TRUE(dial("localhost", TlsClient::system_roots().value()).starts_with("net.tls: "));
    EXPECT_TRUE(dial("localhost", nullptr).starts_with("net.tls: "));
}

TEST_F(Tls, ReportsFilesThatAreNotWhatTheyShouldBe) {
    const auto mine = openpcc::testing::make_certificates(folder.path(), "a");
    const auto theirs = openpcc::testing::make_certificates(other.path(), "a");
    const std::string none = folder.path() + "/none";
    EXPECT_EQ(TlsServer::from_files(none, mine.key_pem).error(), kBadFile);
    EXPECT_EQ(TlsServer::from_files(mine.chain_pem, none).error(), kBadFile);
    EXPECT_EQ(TlsServer::from_files(mine.chain_pem, theirs.key_pem).error(), kBadFile);
    EXPECT_EQ(TlsServer::from_files(mine.key_pem, mine.key_pem).error(), kBadFile);
    EXPECT_EQ(TlsClient::roots_from_file(none).error(), kBadFile);
    EXPECT_EQ(TlsClient::roots_from_file(mine.key_pem).error(), kBadFile);
}

TEST_F(Tls, TrustsTheRootsOfATextAndNoOthers) {
    serve("localhost");
    openpcc::testing::make_certificates(other.path(), "localhost");
    const auto text_of = [](const std::string& path) {
        std::ifstream file(path);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string right = text_of(folder.path() + "/root.pem");
    const std::string wrong = text_of(other.path() + "/root.pem");
    EXPECT_EQ(dial("localhost", TlsClient::roots_from_pem(right).value()), "ok");
    EXPECT_TRUE(dial("localhost", TlsClient::roots_from_pem(wrong).value()).starts_with("net.tls: "));
    for (const std::string& bad : {std::string(), std::string("x"), right.substr(0, right.size() / 2),
                                   right + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
        EXPECT_EQ(TlsClient::roots_from_pem(bad).error(), kBadFile);
}

// old_client is OpenSSL's own client, limited to TLS 1.2 or with another protocol; whether its handshake succeeds.
bool openssl_client(std::uint16_t port, int highest, const std::string& alpn) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context, highest);
    if (!alpn.empty()) {
        SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(alpn.data()),
                                static_cast<unsigned>(alpn.size()));
    }
    BIO* bio = BIO_new_ssl_connect(context);
    BIO_set_conn_hostname(bio, ("127.0.0.1:" + std::to_string(port)).c_str());
    const bool good = BIO_do_handshake(bio) == 1;
    BIO_free_all(bio);
    SSL_CTX_free(context);
    return good;
}

TEST_F(Tls, RefusesOldVersionsAndUnknownProtocols) {
    serve("127.0.0.1");
    bool old = true;
    bool current = false;
    bool http2 = true;
    bool http1 = false;
    auto off = [&](Loop& on) -> Task<void> {
        std::function<void()> work = [&, port = listener->endpoint().port] {
            old = openssl_client(port, TLS1_2_VERSION, "");
            current = openssl_client(port, TLS1_3_VERSION, "");
            http2 = openssl_client(port, TLS1_3_VERSION, "\x02h2");
            http1 = openssl_client(port, TLS1_3_VERSION, "\x02h2\x08http/1.1");
        };
        co_await offload(on, std::move(work));
    };
    loop.run_until_done(off(loop));
    EXPECT_FALSE(old);
    EXPECT_TRUE(current);
    EXPECT_FALSE(http2);
    EXPECT_TRUE(http1);
}

TEST_F(Tls, RefusesAPeerThatSpeaksPlainly) {
    serve("127.0.0.1");
    Endpoint at = listener->endpoint();
    at.kind = Endpoint::Kind::kTcp;
    auto plain = [&](Endpoint to) -> Task<void> {
        auto stream = co_await connect(loop, to, nullptr, after(seconds(1)));
        const ByteView bytes = as_bytes("GET / HTTP/1.1\r\n\r\n");
        (void)co_await (*stream)->write(bytes, after(seconds(1)));
        (void)co_await (*stream)->wait_readable(after(seconds(1)));
    };
    loop.run_until_done(plain(at));
    EXPECT_EQ(accepted, "net.tls");
}

}  // namespace
}  // namespace openpcc::net
