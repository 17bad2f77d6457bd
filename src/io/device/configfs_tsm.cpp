// SPDX-License-Identifier: Apache-2.0
// configfs-tsm (Linux 6.7 and later): Documentation/ABI/testing/configfs-tsm of the kernel.
#include <unistd.h>

#include <atomic>
#include <charconv>

#include "io/device/attempts.hpp"

namespace openpcc::device {

namespace {

const std::string kReports = "/sys/kernel/config/tsm/report";
constexpr std::size_t kMaxAttribute = 4096;  // a page

Result<std::string> read_attribute(Files& files, const std::string& path) {
    const auto bytes = files.read(path, kMaxAttribute);
    if (!bytes) return refused(path, bytes.error());
    std::string text(as_text(*bytes));
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

Result<std::uint64_t> read_number(Files& files, const std::string& path) {
    OPENPCC_TRY(const std::string text, read_attribute(files, path));
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return fail(kFailed, path + ": no number");
    return value;
}

// Entry is one private folder, whose attributes the kernel makes with it: in a shared one, the report of another
// request could come back.
class Entry {
  public:
    static Result<Entry> make(Files& files) {
        static std::atomic<unsigned> next{0};
        // A folder of ours that is there already was left by a process of this number that died.
        constexpr int kTries = 64;
        for (int i = 0; i < kTries; ++i) {
            const std::string path = kReports + "/openpcc-" + std::to_string(::getpid()) + "-" + std::to_string(++next);
            const auto made = files.make_folder(path);
            if (made) return Entry(files, path);
            if (made.error() != EEXIST) return make_error(made.error());
        }
        return fail(kFailed, kReports + ": too many folders are left over");
    }
    Entry(Entry&& other) noexcept : files_(other.files_), path_(std::move(other.path_)) { other.path_.clear(); }
    Entry& operator=(Entry&&) = delete;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
        if (!path_.empty()) (void)files_.remove_folder(path_);
    }

    std::string attribute(std::string_view name) const { return path_ + "/" + std::string(name); }

  private:
    Entry(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

    static std::unexpected<Error> make_error(int error) {
        if (error == ENOENT) return fail(kNone, kReports + " is not there");
        // The kernel has the interface, and no driver has taken it up.
        if (error == ENXIO) return fail(kNone, kReports + ": no guest driver provides reports");
        return refused(kReports, error);
    }

    Files& files_;
    std::string path_;
};

Result<Kind> kind_of(Files& files, const Entry& entry) {
    OPENPCC_TRY(const std::string provider, read_attribute(files, entry.attribute("provider")));
    if (provider == "tdx_guest") return Kind::kTdx;
    if (provider == "sev_guest") return Kind::kSnp;
    return fail(kNone, kReports + ": a provider that is neither tdx_guest nor sev_guest");
}

class ConfigfsTsm final : public ReportDevice {
  public:
    ConfigfsTsm(Files& files, Options options, Kind kind) : files_(files), options_(std::move(options)), kind_(kind) {}

    Kind kind() const override { return kind_; }
    Result<Evidence> report(const ReportData& data, Deadline deadline) override {
        return attempt(options_, deadline, [&] { return ask(data); });
    }

  private:
    Result<Evidence> ask(const ReportData& data);
    Result<std::uint64_t> write_request(const Entry& entry, const ReportData& data);
    Result<Bytes> read_blob(const Entry& entry, std::string_view name, std::size_t limit);

    Files& files_;
    Options options_;
    Kind kind_;
};

// write_request gives the generation that the request must have. The kernel takes a binary attribute when its file is
// closed, where nobody hears of an error: the generation alone tells that all writes were taken, and nobody else's.
Result<std::uint64_t> ConfigfsTsm::write_request(const Entry& entry, const ReportData& data) {
    OPENPCC_TRY(std::uint64_t expected, read_number(files_, entry.attribute("generation")));
    if (kind_ == Kind::kSnp && options_.privilege_level) {
        OPENPCC_TRY(const auto floor, read_number(files_, entry.attribute("privlevel_floor")));
        if (*options_.privilege_level < floor) return fail(kFailed, "this guest may not ask for so low a VMPL");
        const std::string level = std::to_string(*options_.privilege_level);
        const auto put = files_.write(entry.attribute("privlevel"), as_bytes(level));
        if (!put) return refused("privlevel", put.error());
        ++expected;
    }
    const auto put = files_.write(entry.attribute("inblob"), data);
    if (!put) return refused("inblob", put.error());
    ++expected;
    OPENPCC_TRY(const std::uint64_t taken, read_number(files_, entry.attribute("generation")));
    if (taken != expected) return fail(kBusy, "the kernel did not take the request as it was written");
    return expected;
}

Result<Bytes> ConfigfsTsm::read_blob(const Entry& entry, std::string_view name, std::size_t limit) {
    auto bytes = files_.read(entry.attribute(name), limit);
    if (bytes) return std::move(*bytes);
    if (bytes.error() == EFBIG) return fail(kBadReport, std::string(name) + " is larger than any known");
    return refused(name, bytes.error());
}

Result<Evidence> ConfigfsTsm::ask(const ReportData& data) {
    OPENPCC_TRY(const Entry entry, Entry::make(files_));
    OPENPCC_TRY(const Kind kind, kind_of(files_, entry));
    if (kind != kind_) return fail(kFailed, "the machine has become another");
    OPENPCC_TRY(const std::uint64_t generation, write_request(entry, data));
    Evidence out;
    out.kind = kind;
    OPENPCC_TRY(out.report, read_blob(entry, "outblob", kMaxReport));
    if (kind == Kind::kSnp) {
        OPENPCC_TRY(out.auxiliary, read_blob(entry, "auxblob", kMaxCertificates));
    }
    OPENPCC_TRY(const std::uint64_t after, read_number(files_, entry.attribute("generation")));
    if (after != generation) return fail(kBusy, "somebody else wrote into the request");
    if (!carries(kind, out.report, data)) return fail(kBadReport, "outblob is no report over what was asked");
    return out;
}

}  // namespace

Result<std::unique_ptr<ReportDevice>> open_configfs_tsm(Files& files, const Options& options) {
    OPENPCC_TRY(const Entry entry, Entry::make(files));
    OPENPCC_TRY(const Kind kind, kind_of(files, entry));
    return std::make_unique<ConfigfsTsm>(files, options, kind);
}

}  // namespace openpcc::device
