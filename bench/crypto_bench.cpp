// SPDX-License-Identifier: Apache-2.0
// What our layer costs above OpenSSL: the same operation through crypto/ and as a bare EVP loop.
//
//   crypto_bench                  Google Benchmark, each alone
//   crypto_bench --paired [N]     both sides of each pair alternate within one run (N rounds), in CPU time of the
//   thread;
//                                 only such ratios mean anything on a machine shared with others
#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <string_view>
#include <vector>

#include "crypto/chunked_aead.hpp"
#include "crypto/hpke/hpke.hpp"
#include "crypto/random.hpp"
#include "crypto/signature.hpp"

namespace openpcc {
namespace {

using Operation = std::function<void()>;

struct Pair {
    std::string_view name;
    double goal;  // least raw / ours
    Operation ours;
    Operation raw;
};

void need(bool good) {
    if (good) return;
    std::fprintf(stderr, "crypto_bench: error: an operation failed\n");
    std::abort();
}

// The bare loops: what a careful programmer writes against EVP, contexts and keys reused.
class RawAead {
  public:
    RawAead(const char* name, std::size_t key_size) : context_(EVP_CIPHER_CTX_new()) {
        cipher_ = EVP_CIPHER_fetch(nullptr, name, nullptr);
        const std::array<std::uint8_t, 32> key{};
        need(key_size <= key.size() && EVP_EncryptInit_ex2(context_, cipher_, key.data(), nullptr, nullptr) == 1);
    }
    ~RawAead() {
        EVP_CIPHER_CTX_free(context_);
        EVP_CIPHER_free(cipher_);
    }
    RawAead(const RawAead&) = delete;
    RawAead& operator=(const RawAead&) = delete;

    void seal(ByteView plaintext, ByteSpan out) {
        ++nonce_[11];
        int size = 0;
        need(EVP_EncryptInit_ex2(context_, nullptr, nullptr, nonce_.data(), nullptr) == 1 &&
             EVP_EncryptUpdate(context_, out.data(), &size, plaintext.data(), static_cast<int>(plaintext.size())) ==
                 1 &&
             EVP_EncryptFinal_ex(context_, out.data() + size, &size) == 1 &&
             EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, 16, out.last(16).data()) == 1);
    }

  private:
    EVP_CIPHER_CTX* context_;
    EVP_CIPHER* cipher_ = nullptr;
    std::array<std::uint8_t, 12> nonce_{};
};

void raw_derive(EVP_PKEY* own, EVP_PKEY* peer) {
    std::array<std::uint8_t, 32> secret;
    std::size_t size = secret.size();
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr);
    need(EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
         EVP_PKEY_derive(context, secret.data(), &size) == 1);
    benchmark::DoNotOptimize(secret);
    EVP_PKEY_CTX_free(context);
}

// The public-key part of SetupBaseS and SetupBaseR alone, without any of HPKE's key schedule.
struct RawX25519 {
    EVP_PKEY* recipient = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
    std::array<std::uint8_t, 32> enc{};

    RawX25519() {
        EVP_PKEY* other = EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
        std::size_t size = enc.size();
        need(EVP_PKEY_get_raw_public_key(other, enc.data(), &size) == 1);
        EVP_PKEY_free(other);
    }
    ~RawX25519() { EVP_PKEY_free(recipient); }
    RawX25519(const RawX25519&) = delete;
    RawX25519& operator=(const RawX25519&) = delete;

    void send() const {
        std::array<std::uint8_t, 32> bytes;
        std::size_t size = bytes.size();
        need(RAND_priv_bytes(bytes.data(), 32) == 1);
        EVP_PKEY* own = EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, bytes.data(), bytes.size());
        need(EVP_PKEY_get_raw_public_key(own, bytes.data(), &size) == 1);
        raw_derive(own, recipient);
        EVP_PKEY_free(own);
    }
    void receive() const {
        EVP_PKEY* peer = EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, enc.data(), enc.size());
        raw_derive(recipient, peer);
        EVP_PKEY_free(peer);
    }
};

struct RawP256 {
    EVP_PKEY* recipient = EVP_EC_gen("P-256");
    std::vector<std::uint8_t> enc;

    RawP256() {
        EVP_PKEY* other = EVP_EC_gen("P-256");
        unsigned char* point = nullptr;
        const std::size_t size = EVP_PKEY_get1_encoded_public_key(other, &point);
        enc.assign(point, point + size);
        OPENSSL_free(point);
        EVP_PKEY_free(other);
    }
    ~RawP256() { EVP_PKEY_free(recipient); }
    RawP256(const RawP256&) = delete;
    RawP256& operator=(const RawP256&) = delete;

    void send() const {
        EVP_PKEY* own = EVP_EC_gen("P-256");
        raw_derive(own, recipient);
        EVP_PKEY_free(own);
    }
    void receive() const {
        EVP_PKEY* peer = EVP_PKEY_new();
        need(EVP_PKEY_copy_parameters(peer, recipient) == 1 &&
             EVP_PKEY_set1_encoded_public_key(peer, enc.data(), enc.size()) == 1);
        raw_derive(recipient, peer);
        EVP_PKEY_free(peer);
    }
};

struct RawVerify {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::vector<std::uint8_t> signature = std::vector<std::uint8_t>(80);
    std::array<std::uint8_t, 584> message{};

    RawVerify() {
        std::size_t size = signature.size();
        need(EVP_DigestSignInit(context, nullptr, sha256, nullptr, key) == 1 &&
             EVP_DigestSign(context, signature.data(), &size, message.data(), message.size()) == 1);
        signature.resize(size);
    }
    ~RawVerify() {
        EVP_MD_CTX_free(context);
        EVP_MD_free(sha256);
        EVP_PKEY_free(key);
    }
    RawVerify(const RawVerify&) = delete;
    RawVerify& operator=(const RawVerify&) = delete;

    void verify() const {
        need(EVP_MD_CTX_reset(context) == 1 && EVP_DigestVerifyInit(context, nullptr, sha256, nullptr, key) == 1 &&
             EVP_DigestVerify(context, signature.data(), signature.size(), message.data(), message.size()) == 1);
    }
};

// Ours, one HPKE recipient with an enc for it.
struct Recipient {
    hpke::Suite suite;
    crypto::SystemRandom random;
    hpke::PrivateKey key;
    hpke::PublicKey public_key;  // as a peer has it: parsed
    Bytes enc;

    explicit Recipient(hpke::Kem kem)
        : suite{kem, hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm},
          key(*hpke::PrivateKey::generate(kem, random)),
          public_key(*hpke::PublicKey::parse(kem, key.public_key().bytes())),
          enc(hpke::setup_sender(suite, public_key, {}, random)->enc) {}
    void send() { need(hpke::setup_sender(suite, public_key, {}, random).has_value()); }
    void receive() const { need(hpke::setup_receiver(suite, key, enc, {}).has_value()); }
};

struct Sealing {
    crypto::AeadKey key;
    Bytes plaintext;
    Bytes out;
    std::uint64_t counter = 0;

    Sealing(crypto::Aead aead, std::size_t size)
        : key(aead, crypto::AeadKey::Use::kSeal, Bytes(crypto::key_size(aead))),
          plaintext(size),
          out(size + crypto::kTagSize) {}
    void seal() { key.seal(crypto::nonce_for({}, counter++), {}, plaintext, out.span()); }
};

Pair sealing_pair(std::string_view name, double goal, crypto::Aead aead, const char* raw_name, std::size_t size) {
    auto ours = std::make_shared<Sealing>(aead, size);
    auto raw = std::make_shared<RawAead>(raw_name, crypto::key_size(aead));
    return {name, goal, [ours] { ours->seal(); }, [ours, raw] { raw->seal(ours->plaintext, ours->out.span()); }};
}

Pair verify_pair() {
    auto raw = std::make_shared<RawVerify>();
    auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::generate_p256());
    auto verifying = std::make_shared<crypto::VerifyingKey>(key->verifying_key());
    auto signature = std::make_shared<Bytes>(*key->sign(crypto::Scheme::kEcdsaP256Sha256, raw->message));
    return {"ECDSA P-256 verify, 584 B", 0.95,
            [=] { need(verifying->verify(crypto::Scheme::kEcdsaP256Sha256, raw->message, *signature).has_value()); },
            [=] { raw->verify(); }};
}

std::vector<Pair> pairs() {
    auto x25519 = std::make_shared<Recipient>(hpke::Kem::kX25519);
    auto p256 = std::make_shared<Recipient>(hpke::Kem::kP256);
    auto raw_x25519 = std::make_shared<RawX25519>();
    auto raw_p256 = std::make_shared<RawP256>();
    std::vector<Pair> all;
    all.push_back({"HPKE SetupS X25519", 0.85, [=] { x25519->send(); }, [=] { raw_x25519->send(); }});
    all.push_back({"HPKE SetupR X25519", 0.85, [=] { x25519->receive(); }, [=] { raw_x25519->receive(); }});
    all.push_back({"HPKE SetupS P-256", 0.85, [=] { p256->send(); }, [=] { raw_p256->send(); }});
    all.push_back({"HPKE SetupR P-256", 0.85, [=] { p256->receive(); }, [=] { raw_p256->receive(); }});
    all.push_back(sealing_pair("AES-128-GCM seal 16 KiB", 0.9, crypto::Aead::kAes128Gcm, "AES-128-GCM", 16384));
    all.push_back(sealing_pair("AES-128-GCM seal 256 B", 0.75, crypto::Aead::kAes128Gcm, "AES-128-GCM", 256));
    all.push_back(sealing_pair("AES-256-GCM seal 16 KiB", 0.9, crypto::Aead::kAes256Gcm, "AES-256-GCM", 16384));
    all.push_back(
        sealing_pair("ChaCha20-Poly1305 seal 256 B", 0.75, crypto::Aead::kChaCha20Poly1305, "ChaCha20-Poly1305", 256));
    all.push_back(verify_pair());
    return all;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const Operation& operation, int times) {
    const double start = cpu_seconds();
    for (int i = 0; i < times; ++i) operation();
    return (cpu_seconds() - start) / times;
}

double quantile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// One round times both sides for about two milliseconds each, in turns of order.
bool run_pair(const Pair& pair, int rounds) {
    const int times = std::max(1, static_cast<int>(2e-3 / seconds_of(pair.raw, 20)));
    std::vector<double> ours;
    std::vector<double> raw;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
        const bool first = round % 2 == 0;
        const double a = seconds_of(first ? pair.ours : pair.raw, times);
        const double b = seconds_of(first ? pair.raw : pair.ours, times);
        ours.push_back(first ? a : b);
        raw.push_back(first ? b : a);
        ratios.push_back(raw.back() / ours.back());
    }
    const double ratio = quantile(ratios, 0.5);
    std::printf("%-30.*s ours %8.3f us  raw %8.3f us  raw/ours %.3f [%.3f, %.3f]  goal %.2f %s\n",
                static_cast<int>(pair.name.size()), pair.name.data(), quantile(ours, 0.5) * 1e6,
                quantile(raw, 0.5) * 1e6, ratio, quantile(ratios, 0.1), quantile(ratios, 0.9), pair.goal,
                ratio >= pair.goal ? "met" : "MISSED");
    return ratio >= pair.goal;
}

int run_paired(int rounds) {
    bool good = true;
    for (const Pair& pair : pairs()) good = run_pair(pair, rounds) && good;
    return good ? 0 : 1;
}

int run_benchmarks(int argc, char** argv) {
    static const std::vector<Pair> kPairs = pairs();
    for (const Pair& pair : kPairs)
        for (const bool is_raw : {false, true})
            benchmark::RegisterBenchmark((std::string(pair.name) + (is_raw ? " (raw)" : "")).c_str(),
                                         [&pair, is_raw](benchmark::State& state) {
                                             const Operation& operation = is_raw ? pair.raw : pair.ours;
                                             for (auto _ : state) operation();
                                         });
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

}  // namespace
}  // namespace openpcc

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "--paired")
        return openpcc::run_paired(argc > 2 ? std::max(4, std::atoi(argv[2])) : 200);
    return openpcc::run_benchmarks(argc, argv);
}
