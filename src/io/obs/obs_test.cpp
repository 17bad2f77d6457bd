// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/plaintext.hpp"
#include "core/secret.hpp"
#include "io/obs/log.hpp"
#include "io/obs/metrics.hpp"

namespace openpcc::obs {
namespace {

// What must never be written does not compile.
static_assert(!Loggable<std::string>);
static_assert(!Loggable<std::string_view>);
static_assert(!Loggable<const char*>);
static_assert(!Loggable<char>);
static_assert(!Loggable<double>);
static_assert(!Loggable<void*>);
static_assert(!Loggable<Bytes>);
static_assert(!Loggable<ByteView>);
static_assert(!Loggable<Digest256>);
static_assert(!Loggable<Plaintext>);
static_assert(!Loggable<SecretBytes>);
enum class Nameless { kA };
static_assert(!Loggable<Nameless>);
static_assert(!std::is_constructible_v<Label, std::string>);
static_assert(!std::is_constructible_v<Label, std::string_view>);
static_assert(!std::is_constructible_v<Label, const char*>);

std::string written(const std::function<void(const Log&)>& fn) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    fn(Log("testd", ends[1]));
    ::close(ends[1]);
    std::string text(4096, '\0');
    const ssize_t got = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    text.resize(static_cast<std::size_t>(got));
    return text;
}

TEST(Log, IsOneLineOfKeysAndValues) {
    const Error error(core::kInternal, "secret/path");
    const std::string line = written([&](const Log& log) {
        log.write(Level::kWarning, "refused", field("count", 3U), field("ok", false), field("why", Category::kTimeout),
                  field("error", error), field("took", std::chrono::milliseconds(2)), field("kind", Label("own")));
    });
    EXPECT_EQ(line.substr(20),  // after the time
              " warning testd event=refused count=3 ok=false why=timeout error=core.internal took=2000us kind=own\n");
    EXPECT_EQ(line[10], 'T');
    EXPECT_EQ(line[19], 'Z');
}

TEST(Metrics, AreDumpedAsPrometheusText) {
    Registry registry;
    Counter requests(registry, "requests_total", "Requests that arrived.");
    CounterBy<Level, Level::kError> lines(registry, "lines_total", "Lines by level.", "level");
    Gauge open(registry, "connections", "Connections that are open.");
    requests.add();
    requests.add(4);
    lines.add(Level::kWarning);
    open.add(3);
    open.add(-1);
    EXPECT_EQ(registry.dump(),
              "# HELP requests_total Requests that arrived.\n# TYPE requests_total counter\nrequests_total 5\n"
              "# HELP lines_total Lines by level.\n# TYPE lines_total counter\n"
              "lines_total{level=\"info\"} 0\nlines_total{level=\"warning\"} 1\nlines_total{level=\"error\"} 0\n"
              "# HELP connections Connections that are open.\n# TYPE connections gauge\nconnections 2\n");
}

TEST(Metrics, LeaveTheRegistryWithTheirOwner) {
    Registry registry;
    {
        const Counter gone(registry, "gone_total", "Gone.");
    }
    EXPECT_EQ(registry.dump(), "");
    const Counter again(registry, "gone_total", "Back.");
    EXPECT_NE(registry.dump(), "");
}

}  // namespace
}  // namespace openpcc::obs
