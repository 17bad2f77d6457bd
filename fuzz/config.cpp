// SPDX-License-Identifier: Apache-2.0
// Configuration files, read as the programs read theirs: any text ends in values or in problems, every problem is a
// line with the file's name, values keep to their bounds, and a key that nobody asked for is never passed over.
#include "apps/config/config.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "core/bytes.hpp"

namespace openpcc::config {
namespace {

constexpr std::size_t kLongest = 8 << 10;

void check(std::string_view text) {
    auto file = File::parse(text, "folder/some.toml");
    if (!file) {
        OPENPCC_ASSERT(file.error() == kBadConfig && file.error().text().starts_with("folder/some.toml:"));
        return;
    }
    const std::string name = file->text("name");
    const std::string kind = file->text_or("engine.kind", "none");
    const auto note = file->optional_text("engine.note");
    const std::int64_t limit = file->number_or("limits.body", 4096, 1, 1 << 20);
    const auto models = file->texts("models");
    const auto listen = file->endpoint("listen");
    const auto nodes = file->endpoints("gateway.nodes");
    const std::string key = file->path("tls.key");
    const auto cert = file->optional_path("tls.cert");
    OPENPCC_ASSERT(limit >= 1 && limit <= 1 << 20 && !kind.empty() && (!note || !note->empty()));
    const auto good = file->finish();
    OPENPCC_ASSERT(file->finish().has_value() == good.has_value());
    if (!good) {
        OPENPCC_ASSERT(good.error() == kBadConfig && good.error().text().starts_with("folder/some.toml:"));
        return;
    }
    OPENPCC_ASSERT(!name.empty() && !models.empty() && !nodes.empty() && !listen.host.empty() && !key.empty());
    OPENPCC_ASSERT(std::ranges::none_of(models, &std::string::empty) && (!cert || !cert->empty()));
    OPENPCC_ASSERT(file->has("gateway") && file->has("tls"));
    const std::string explained = file->explain();
    OPENPCC_ASSERT(explained.find("limits.body = ") != std::string::npos);
}

}  // namespace
}  // namespace openpcc::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size <= openpcc::config::kLongest) openpcc::config::check(openpcc::as_text({data, size}));
    return 0;
}
