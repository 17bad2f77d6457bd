// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/collateral.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "apps/openpcc/choice.hpp"
#include "apps/openpcc/output.hpp"
#include "apps/vendors/refresh.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "trust/collateral/foreign.hpp"
#include "trust/collateral/show.hpp"
#include "wire/json.hpp"

namespace openpcc::cli {

namespace {

namespace fs = std::filesystem;
using collateral::Collection;
using collateral::Packed;
using collateral::Remark;

constexpr std::size_t kMaxInputs = 10'000;  // files below the folders that were named
constexpr unsigned kMode = 0644;

// files_below names every file of a folder, in the order of names; links are not followed.
Result<void> add_files_below(const fs::path& folder, std::vector<std::string>& files) {
    std::error_code error;
    fs::recursive_directory_iterator entries(folder, error);
    std::vector<std::string> found;
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error))
        if (entries->symlink_status(error).type() == fs::file_type::regular) found.push_back(entries->path().string());
    if (error) return fail(config::kBadFile, folder.string() + ": cannot be read");
    if (found.size() > kMaxInputs) return fail(config::kBadFile, folder.string() + ": holds more than 10000 files");
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
    return {};
}

Result<Packed> pack_files(const std::vector<std::string>& inputs) {
    std::vector<std::string> files;
    for (const std::string& input : inputs) {
        if (fs::is_directory(input)) {
            OPENPCC_CHECK(add_files_below(input, files));
        } else {
            files.push_back(input);
        }
    }
    collateral::Packer packer;
    std::vector<Remark> too_long;
    for (const std::string& file : files) {
        std::error_code ignored;
        if (fs::file_size(file, ignored) > collateral::kMaxFile && !ignored) {
            too_long.push_back({Remark::Kind::kUnknown, file, "longer than 4 MiB"});
            continue;
        }
        OPENPCC_TRY(const std::string content, config::read_file(file, collateral::kMaxFile));
        packer.add(file, as_bytes(content));
    }
    Packed packed = std::move(packer).finish();
    packed.remarks.insert(packed.remarks.end(), too_long.begin(), too_long.end());
    return packed;
}

std::string_view to_text(Remark::Kind kind) { return kind == Remark::Kind::kUnknown ? "warning" : "note"; }

void print_remarks(const std::vector<Remark>& remarks) {
    for (const Remark& remark : remarks) {
        const std::string_view known = remark.kind == Remark::Kind::kUnknown ? "not packed" : "left out";
        fmt::print(stderr, "openpcc: {}: {}: {}: {}\n", to_text(remark.kind), remark.input, known, remark.text);
    }
}

json::Value remarks_to_value(const std::vector<Remark>& remarks) {
    auto list = json::Value::array();
    for (const Remark& remark : remarks) {
        auto& one = list.push(json::Value::object());
        one.set("level", json::Value::string(to_text(remark.kind)));
        one.set("input", json::Value::string(remark.input));
        one.set("text", json::Value::string(remark.text));
    }
    return list;
}

// print_written is the one line, or the object, about a file that has come to be.
void print_written(const std::string& path, const std::string& file, const Collection& collection, json::Value remarks,
                   bool json) {
    const std::string name = to_hex(collateral::name_of(as_bytes(file)));
    const std::size_t count = collateral::items_of(collection).size();
    if (!json) {
        fmt::print("{}: {} items, {} bytes, name {}\n", path, count, file.size(), name);
        return;
    }
    auto out = json::Value::object();
    out.set("file", json::Value::string(path));
    out.set("name", json::Value::string(name));
    out.set("fetched", json::Value::string(to_rfc3339(collection.fetched)));
    out.set("items", json::Value::integer(static_cast<std::int64_t>(count)));
    out.set("remarks", std::move(remarks));
    fmt::print("{}\n", out.to_text());
}

Result<ExitCode> pack(const CollateralOptions& options) {
    OPENPCC_TRY(const Packed packed, pack_files(options.inputs));
    if (!options.json) print_remarks(packed.remarks);
    const auto unknown = std::ranges::count(packed.remarks, Remark::Kind::kUnknown, &Remark::kind);
    if (options.strict && unknown > 0)
        return fail(collateral::kUnknown, fmt::format("{} inputs cannot be packed, and nothing was written", unknown));
    if (collateral::items_of(packed.collection).empty())
        return fail(collateral::kUnknown, "there is no collateral among the inputs, and nothing was written");
    OPENPCC_TRY(const std::string file, packed.collection.to_json());
    OPENPCC_CHECK(config::write_file(options.out, file, kMode));
    print_written(options.out, file, packed.collection, remarks_to_value(packed.remarks), options.json);
    return kOk;
}

Result<ExitCode> show(const CollateralOptions& options) {
    collateral::Ages ages = collateral::Ages::usual();
    if (options.policy_signers.named() && !options.policy)
        return fail(config::kBadConfig, "--policy-signer and --policy-threshold are for --policy");
    if (options.policy) {
        OPENPCC_TRY(const auto policy, load_policy(*options.policy, options.policy_signers));
        ages = {};
        if (policy.snp) ages.snp = policy.snp->collateral_age;
        if (policy.tdx) ages.tdx = policy.tdx->collateral_age;
    }
    OPENPCC_TRY(const TimePoint now, options.at ? parse_rfc3339(*options.at) : wall_clock());
    OPENPCC_TRY(const std::string file, config::read_file(options.file, collateral::kMaxFile));
    OPENPCC_TRY(const auto read, Collection::parse(as_bytes(file)));
    const auto overview = collateral::look_at(read.claimed(), collateral::name_of(as_bytes(file)), ages, now);
    fmt::print("{}", options.json ? overview.to_json() + "\n" : overview.render());
    return overview.light == collateral::Light::kRed ? kNotVerified : kOk;
}

Result<vendors::Settings> settings_of(const CollateralOptions& options) {
    auto file = options.config ? config::File::load(*options.config) : config::File::parse("", "defaults");
    if (!file) return std::unexpected(file.error());
    auto settings = vendors::Settings::read(*file);
    OPENPCC_CHECK(file->finish());
    OPENPCC_CHECK(settings.trust());
    if (options.fmspcs.empty() && options.products.empty()) return settings;
    settings.wanted = {};
    for (const std::string& text : options.fmspcs) {
        const auto fmspc = vendors::parse_fmspc(text);
        if (!fmspc) return fail(config::kBadConfig, "--fmspc: expected 12 hex digits");
        settings.wanted.fmspcs.push_back(*fmspc);
    }
    for (const std::string& name : options.products) {
        if (!vendors::is_product(name)) return fail(config::kBadConfig, "--product: expected Milan, Genoa or Turin");
        settings.wanted.products.push_back(name);
    }
    return settings;
}

net::Task<vendors::Fetched> ask_and_note(net::Loop& loop, const vendors::Settings& settings,
                                         std::vector<Remark>& failures) {
    vendors::Fetched fetched = co_await vendors::fetch(loop, settings.sources, settings.wanted, wall_clock());
    for (const auto& one : fetched.failures)
        failures.push_back({Remark::Kind::kUnknown, one.what, one.error.describe()});
    co_return fetched;
}

// What is there already stays where the vendors have nothing newer; what cannot be had is named, all of it.
Result<ExitCode> fetch(const CollateralOptions& options) {
    OPENPCC_TRY(const auto settings, settings_of(options));
    if (settings.wanted.empty())
        return fail(config::kBadConfig,
                    "say which platforms: --fmspc, --product, or collateral.fmspc in a configuration");
    net::Loop loop;
    crypto::SystemRandom random;
    std::vector<Remark> failures;
    const auto ask = [&] { return ask_and_note(loop, settings, failures); };
    vendors::Refresher refresher(options.out, ask, {}, random, wall_clock);
    if (const auto loaded = refresher.load(); !loaded)
        return fail(loaded.error().code(), options.out + ": " + loaded.error().text());
    const auto done = loop.run_until_done(refresher.refresh());
    if (!options.json)
        for (const Remark& one : failures) fmt::print(stderr, "openpcc: warning: {}: {}\n", one.input, one.text);
    if (!done) return std::unexpected(done.error());
    print_written(options.out, refresher.held()->file, refresher.held()->collection, remarks_to_value(failures),
                  options.json);
    return kOk;
}

}  // namespace

void add_collateral(CLI::App& app, CollateralOptions& options) {
    CLI::App* all = app.add_subcommand("collateral", "What vendors publish about platforms, as dated files");
    all->require_subcommand(1);
    CLI::App* pack = all->add_subcommand("pack", "Join files of collateral, ours and others', into one");
    pack->add_option("inputs", options.inputs, "Files and folders")->required();
    pack->add_option("--out", options.out, "The file to write")->required();
    pack->add_flag("--strict", options.strict, "Write nothing when an input cannot be packed");
    pack->add_flag("--json", options.json, "One JSON object");
    CLI::App* show =
        all->add_subcommand("show", "What is inside a file, how old it is, and when it turns amber and red");
    show->add_option("file", options.file, "A file of collateral")->required();
    show->add_option("--at", options.at, "As of this time (2026-11-25T07:00:00Z)");
    show->add_option("--policy", options.policy, "Use the ages of this policy, bare or signed");
    add_policy_signers(*show, "policy", options.policy_signers);
    show->add_flag("--json", options.json, "One JSON object");
    CLI::App* fetch = all->add_subcommand("fetch", "Ask Intel and AMD, over TLS, and bring a file up to date");
    fetch->add_option("--out", options.out, "The file to write, or to bring up to date")->required();
    fetch->add_option("--fmspc", options.fmspcs, "Intel's platform families, 12 hex digits each");
    fetch->add_option("--product", options.products, "AMD's products: Milan, Genoa, Turin");
    fetch->add_option("--config", options.config, "Addresses, roots and platforms (TOML, table collateral)");
    fetch->add_flag("--json", options.json, "One JSON object");
}

int collateral(const CLI::App& app, const CollateralOptions& options) {
    const CLI::App* all = app.get_subcommand("collateral");
    const auto code = all->got_subcommand("pack")   ? pack(options)
                      : all->got_subcommand("show") ? show(options)
                                                    : fetch(options);
    return code ? *code : report(code.error(), options.json);
}

}  // namespace openpcc::cli
