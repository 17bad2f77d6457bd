// SPDX-License-Identifier: Apache-2.0
#include "apps/profiles/added.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "apps/config/config.hpp"

namespace openpcc::profiles {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxLine = 256;
constexpr std::string_view kProfile = "/profile.json";
constexpr std::string_view kFingerprint = "/fingerprint";
constexpr unsigned kOwn = 0600;

Result<std::string> read_line(const std::string& path) {
    OPENPCC_TRY(std::string text, config::read_file(path, kMaxLine));
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

Result<void> make_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error) fs::permissions(path, fs::perms::owner_all, error);
    if (error) return fail(config::kBadFile, path + ": cannot be made");
    return {};
}

}  // namespace

std::string user_folder() {
    const char* folder = std::getenv("XDG_CONFIG_HOME");
    if (folder != nullptr && folder[0] == '/') return std::string(folder) + "/openpcc";
    const char* home = std::getenv("HOME");
    return std::string(home != nullptr && home[0] == '/' ? home : "/nonexistent") + "/.config/openpcc";
}

Result<std::vector<std::string>> Added::names() const {
    std::vector<std::string> out;
    const std::string all = folder_ + "/services";
    std::error_code error;
    if (!fs::exists(all, error) && !error) return out;
    for (fs::directory_iterator at(all, error); !error && at != fs::directory_iterator(); at.increment(error))
        if (here(at->path().filename())) out.push_back(at->path().filename());
    if (error) return fail(config::kBadFile, all + ": cannot be read");
    std::ranges::sort(out);
    return out;
}

bool Added::here(const std::string& name) const {
    std::error_code ignored;
    return profile::is_name(name) && fs::exists(place(name) + std::string(kProfile), ignored);
}

Error Added::unknown(const std::string& text) const {
    std::string listed;
    for (const std::string& name : names().value_or(std::vector<std::string>()))
        listed += (listed.empty() ? "; there is " : ", ") + name;
    return Error(kUnknown, text + (listed.empty() ? "; no service was added yet" : listed));
}

Result<profile::Profile> Added::load(const std::string& name) const {
    if (!here(name)) return std::unexpected(unknown("no service of that name"));
    const std::string path = place(name) + std::string(kProfile);
    OPENPCC_TRY(const std::string text, config::read_file(path, envelope::kMaxEnvelope));
    OPENPCC_TRY(const std::string confirmed, read_line(place(name) + std::string(kFingerprint)));
    auto profile = profile::Profile::open(as_bytes(text));
    if (!profile) return fail(kAltered, path + ": " + profile.error().describe());
    if (profile->name != name) return fail(kAltered, path + ": is the profile of another service");
    if (!profile::is_fingerprint(confirmed, profile->fingerprint()))
        return fail(kAltered, path + ": its fingerprint is not the one that was confirmed");
    return profile;
}

Result<Added::Offer> Added::judge(ByteView envelope) const {
    OPENPCC_TRY(auto profile, profile::Profile::open(envelope));
    if (!here(profile.name)) return Offer{std::move(profile), Change::kNew};
    OPENPCC_TRY(const auto mine, load(profile.name));
    if (mine.to_json() == profile.to_json()) return Offer{std::move(profile), Change::kNone};
    OPENPCC_TRY(auto next, mine.successor(envelope));
    return Offer{std::move(next), Change::kNewer};
}

// The profile goes last: whatever interrupts this leaves nothing, or what `load` refuses.
Result<void> Added::store(const Offer& offer, ByteView envelope) const {
    const std::string folder = place(offer.profile.name);
    OPENPCC_CHECK(make_folder(folder));
    OPENPCC_CHECK(config::write_file(folder + std::string(kFingerprint), offer.profile.fingerprint() + "\n", kOwn));
    return config::write_file(folder + std::string(kProfile), as_text(envelope), kOwn);
}

Result<void> Added::remove(const std::string& name) const {
    if (!here(name)) return std::unexpected(unknown("no service of that name"));
    std::error_code error;
    fs::remove_all(place(name), error);
    if (error) return fail(config::kBadFile, place(name) + ": cannot be removed");
    if (read_line(choice()).value_or("") == name) fs::remove(choice(), error);
    return {};
}

Result<std::string> Added::in_use() const {
    std::error_code ignored;
    if (fs::exists(choice(), ignored)) {
        OPENPCC_TRY(const std::string name, read_line(choice()));
        if (!here(name)) return std::unexpected(unknown("the service in use is not here any more"));
        return name;
    }
    OPENPCC_TRY(const auto all, names());
    if (all.size() == 1) return all.front();
    return std::unexpected(unknown(all.empty() ? "no service to ask" : "more than one service, and none is in use"));
}

Result<void> Added::use(const std::string& name) const {
    if (!here(name)) return std::unexpected(unknown("no service of that name"));
    return config::write_file(choice(), name + "\n", kOwn);
}

}  // namespace openpcc::profiles
