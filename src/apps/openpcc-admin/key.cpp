// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "apps/config/config.hpp"
#include "apps/openpcc-admin/options.hpp"
#include "trust/envelope/envelope.hpp"

namespace openpcc::admin {

namespace {

constexpr std::size_t kMaxKeyFile = 16 * 1024;
constexpr unsigned kPrivate = 0600;

void print(const envelope::Signer& signer, bool json) {
    if (!json) return fmt::print("{}\n", signer.to_text());
    auto out = json::Value::object();
    out.set("signer", json::Value::string(signer.to_text()));
    out.set("key_id", json::Value::string(signer.key_id()));
    fmt::print("{}\n", out.to_text());
}

// A key that is there is never written over: what it has signed would be lost with it.
Result<void> make(const KeyOptions& options) {
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(options.out, ignored)))
        return fail(config::kBadFile, options.out + ": is there already");
    const auto key =
        options.type == "p256" ? crypto::SigningKey::generate_p256() : crypto::SigningKey::generate_ed25519();
    OPENPCC_TRY(const auto signer, envelope::Signer::of(key.verifying_key()));
    OPENPCC_CHECK(
        key.to_pem().with([&](ByteView pem) { return config::write_file(options.out, as_text(pem), kPrivate); }));
    print(signer, options.json);
    return {};
}

Result<void> show(const KeyOptions& options) {
    OPENPCC_TRY(const std::string pem, config::read_private_file(options.file, kMaxKeyFile));
    const auto key = crypto::SigningKey::parse_pem(as_bytes(pem));
    if (!key) return fail(config::kBadFile, options.file + ": not an unencrypted private key (PEM, PKCS#8)");
    OPENPCC_TRY(const auto signer, envelope::Signer::of(key->verifying_key()));
    print(signer, options.json);
    return {};
}

}  // namespace

void add_key(CLI::App& app, KeyOptions& options) {
    CLI::App* all = app.add_subcommand("key", "Keys that sign policies and profiles");
    all->require_subcommand(1);
    CLI::App* make = all->add_subcommand("make", "Make a key, and print the text that clients pin");
    make->add_option("--out", options.out, "The private key's file, which must not exist (PEM, mode 0600)")->required();
    make->add_option("--type", options.type, "ed25519 or p256")
        ->capture_default_str()
        ->check(CLI::IsMember({"ed25519", "p256"}));
    make->add_flag("--json", options.json, "One JSON object");
    CLI::App* show = all->add_subcommand("show", "Print the text that clients pin");
    show->add_option("file", options.file, "A private key (PEM)")->required();
    show->add_flag("--json", options.json, "One JSON object");
}

int key(const CLI::App& app, const KeyOptions& options) {
    const auto done = app.get_subcommand("key")->got_subcommand("make") ? make(options) : show(options);
    return done ? cli::kOk : report(done.error(), options.json);
}

}  // namespace openpcc::admin
