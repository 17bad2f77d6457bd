// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/rules.hpp"

#include "evidence/eventlog/digests.hpp"

namespace openpcc::eventlog {

namespace {

// PFP 10.4.4, "EV_EFI_ACTION event strings".
constexpr std::string_view kExit = "Exit Boot Services Invocation";
constexpr std::string_view kExitDone = "Exit Boot Services Returned with Success";
constexpr std::string_view kExitFailed = "Exit Boot Services Returned with Failure";

// 8be4df61-93ca-11d2-aa0d-00e098032b8c, EFI_GLOBAL_VARIABLE.
constexpr ByteArray<16> kGlobal{
    {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}};
constexpr std::string_view kSecureBoot{"S\0e\0c\0u\0r\0e\0B\0o\0o\0t\0", 20};

struct FirmwareRegisters {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t secure_boot;
};
FirmwareRegisters registers_of(Layout layout) {
    return layout == Layout::kTdx ? FirmwareRegisters{1, 2, 1} : FirmwareRegisters{0, 7, 7};
}

// Only an event's digest is authenticated, and never its type: relabelled, a separator would be none, and what must not
// follow it could. So what the rules are about is known by the digests that it has under any type.
class Known {
  public:
    explicit Known(Bank bank) : bank_(bank) {
        const std::uint8_t off[] = {0}, on[] = {1};
        secure_boot_off_ = {secure_boot({}), secure_boot(off)};
        secure_boot_on_ = secure_boot(on);
    }
    bool is(ByteView digest, std::string_view text) const { return is(digest, as_bytes(text)); }
    // PFP EV_SEPARATOR: zeros, of firmware other than UEFI also ones; 1 tells an error, and is a boot order too.
    bool is_separator(ByteView digest) const {
        return is(digest, ByteArray<4>{}) || is(digest, ByteArray<4>{{0xff, 0xff, 0xff, 0xff}});
    }
    SecureBoot state(ByteView digest) const {
        if (equal(digest, secure_boot_on_)) return SecureBoot::kOn;
        const bool off = equal(digest, secure_boot_off_[0]) || equal(digest, secure_boot_off_[1]);
        return off ? SecureBoot::kOff : SecureBoot::kNotMeasured;
    }

  private:
    bool is(ByteView digest, ByteView data) const { return equal(digest, crypto::digest(hash_of(bank_), {data})); }
    // PFP 10.2.6 UEFI_VARIABLE_DATA. Without keys the variable is empty, or zero.
    Bytes secure_boot(ByteView value) const {
        const ByteArray<8> name_units{{static_cast<std::uint8_t>(kSecureBoot.size() / 2)}};
        const ByteArray<8> size{{static_cast<std::uint8_t>(value.size())}};
        return crypto::digest(hash_of(bank_), {kGlobal, name_units, size, as_bytes(kSecureBoot), value});
    }
    Bank bank_;
    std::array<Bytes, 2> secure_boot_off_;
    Bytes secure_boot_on_;
};

class Examiner {
  public:
    Examiner(const Log& log, Bank bank, Layout layout)
        : log_(log), bank_(bank), registers_(registers_of(layout)), known_(bank) {}

    Findings run() {
        for (std::size_t at = 0; at < log_.events().size(); ++at)
            if (log_.events()[at].type != kNoAction) look(at, log_.events()[at]);
        return out_;
    }

  private:
    void look(std::size_t at, const Event& event) {
        const DataMatch match = match_data(log_, event, bank_);
        out_.equal += match == DataMatch::kEqual ? 1 : 0;
        if (match == DataMatch::kDiffers) {
            ++out_.differing;
            if (!out_.first_differing) out_.first_differing = at;
        }
        const ByteView digest = log_.digest(event, bank_);
        const bool separator = known_.is_separator(digest);
        if (separator || event.type == kSeparator) ++out_.separators[event.index];
        out_.error_separator = out_.error_separator || (event.type == kSeparator && !separator);
        if (event.index == registers_.secure_boot) look_at_variable(event, digest);
        if (event.index >= registers_.first && event.index <= registers_.last) look_at_exit(at, digest);
    }

    void look_at_variable(const Event& event, ByteView digest) {
        SecureBoot state = known_.state(digest);
        if (state == SecureBoot::kNotMeasured) {
            if (event.type != kEfiVariableDriverConfig) return;
            // The variable by its name, and not with one of its values.
            const auto variable = parse_variable(log_.data(event));
            if (!variable || !equal(variable->vendor, kGlobal) || as_text(variable->name) != kSecureBoot) return;
            state = SecureBoot::kUnclear;
        }
        const bool first = out_.secure_boot == SecureBoot::kNotMeasured;
        out_.secure_boot = first || out_.secure_boot == state ? state : SecureBoot::kUnclear;
    }

    // A call that failed may be made again; after one that is under way nothing else belongs to firmware.
    void look_at_exit(std::size_t at, ByteView digest) {
        const bool done = known_.is(digest, kExitDone);
        const bool failed = known_.is(digest, kExitFailed);
        const bool expected = exit_ == Exit::kNo || (exit_ == Exit::kCalled && (done || failed));
        if (!expected && !out_.after_exit) out_.after_exit = at;
        if (exit_ == Exit::kNo && known_.is(digest, kExit)) {
            exit_ = Exit::kCalled;
        } else if (exit_ == Exit::kCalled && (done || failed)) {
            exit_ = done ? Exit::kDone : Exit::kNo;
        }
    }

    enum class Exit { kNo, kCalled, kDone };

    const Log& log_;
    Bank bank_;
    FirmwareRegisters registers_;
    Known known_;
    Exit exit_ = Exit::kNo;
    Findings out_;
};

}  // namespace

std::string_view to_string(SecureBoot state) {
    switch (state) {
        case SecureBoot::kNotMeasured:
            return "not measured";
        case SecureBoot::kOff:
            return "off";
        case SecureBoot::kOn:
            return "on";
        case SecureBoot::kUnclear:
            return "unclear";
    }
    return "unclear";
}

Findings examine(const Log& log, Bank bank, Layout layout) { return Examiner(log, bank, layout).run(); }

}  // namespace openpcc::eventlog
