// SPDX-License-Identifier: Apache-2.0
#include "apps/vendors/refresh.hpp"

#include <algorithm>
#include <filesystem>

#include "apps/config/config.hpp"
#include "trust/collateral/merge.hpp"

namespace openpcc::vendors {

namespace {

constexpr unsigned kMode = 0644;  // what everybody may see

Result<std::shared_ptr<const Held>> held_from(std::string file) {
    OPENPCC_TRY(auto read, collateral::Collection::parse(as_bytes(file)));
    const Digest256 name = collateral::name_of(as_bytes(file));
    return std::make_shared<const Held>(Held{std::move(file), name, std::move(read).claimed()});
}

}  // namespace

Refresher::Refresher(std::string path, Ask ask, Schedule schedule, Random& random, Now now)
    : path_(std::move(path)), ask_(std::move(ask)), schedule_(schedule), random_(random), now_(std::move(now)) {}

Result<void> Refresher::load() {
    std::error_code ignored;
    if (!std::filesystem::exists(path_, ignored)) return {};
    OPENPCC_TRY(std::string file, config::read_file(path_, collateral::kMaxFile));
    OPENPCC_TRY(held_, held_from(std::move(file)));
    return {};
}

// Somebody may have put a newer file there in the meantime: what is in it counts too. One that cannot be read is
// replaced.
Result<void> Refresher::keep(collateral::Collection fresh) {
    const std::shared_ptr<const Held> before = held_;
    (void)load();
    if (before != nullptr) fresh = collateral::merge(before->collection, fresh);
    if (held_ != nullptr) fresh = collateral::merge(held_->collection, fresh);
    auto file = fresh.to_json();
    if (!file) {
        held_ = before;
        return std::unexpected(file.error());
    }
    OPENPCC_TRY(auto next, held_from(std::move(*file)));
    OPENPCC_CHECK(config::write_file(path_, next->file, kMode));
    held_ = std::move(next);
    return {};
}

net::Task<Result<void>> Refresher::refresh() {
    Fetched fetched = co_await ask_();
    // `fetched` tells when everything was asked for; after a failure that is as long ago as before.
    if (!fetched.failures.empty()) fetched.collection.fetched = TimePoint{};
    const bool nothing = fetched.collection == collateral::Collection{.fetched = fetched.collection.fetched};
    if (!nothing) OPENPCC_CO_CHECK(keep(std::move(fetched.collection)));
    if (fetched.failures.empty()) co_return Result<void>{};
    const Fetched::Failure& first = fetched.failures.front();
    co_return fail(first.error.code(), first.what + ": " + first.error.text());
}

net::Clock::duration Refresher::jittered(net::Clock::duration wait) {
    const auto eighth = wait / 8;
    if (eighth.count() == 0) return wait;
    const auto drawn = random_.array<ByteArray<4>>();
    std::int64_t number = 0;
    for (const std::uint8_t byte : drawn.bytes) number = number << 8 | byte;
    return wait - eighth + net::Clock::duration(2 * eighth.count() / 0x10000 * (number & 0xffff));
}

net::Clock::duration Refresher::next_wait(unsigned failures) {
    if (failures == 0) return jittered(schedule_.period);
    net::Clock::duration wait = schedule_.first_retry;
    for (unsigned i = 1; i < failures && wait < schedule_.last_retry; ++i) wait *= 2;
    return jittered(std::min(wait, schedule_.last_retry));
}

net::Clock::duration Refresher::first_wait() {
    if (held_ == nullptr) return {};
    const net::Clock::duration age = std::max(now_() - held_->collection.fetched, Seconds(0));
    return age >= schedule_.period ? net::Clock::duration{} : jittered(schedule_.period - age);
}

net::Task<void> Refresher::run(std::function<void(const Result<void>&)> report) {
    unsigned failures = 0;
    net::Clock::duration wait = first_wait();
    for (;;) {
        const net::Deadline next = net::after(wait);
        const auto slept = co_await net::sleep_until(next);
        if (!slept) co_return;
        const auto done = co_await refresh();
        failures = done ? 0 : failures + 1;
        report(done);
        wait = next_wait(failures);
    }
}

}  // namespace openpcc::vendors
