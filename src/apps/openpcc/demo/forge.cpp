// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/forge.hpp"

#include "evidence/simulated/platform.hpp"

namespace openpcc::demo {

Bytes altered_bundle(ByteView bundle, const std::function<void(statement::Bundle&)>& change) {
    auto parsed = statement::Bundle::parse(bundle);
    if (!parsed) return Bytes(bundle);
    statement::Bundle altered = std::move(*parsed).claimed();
    change(altered);
    return altered.encode();
}

Bytes reissued_bundle(ByteView bundle, const simulated::RootAuthority& root, Random& random, TimePoint now,
                      const std::function<void(statement::Bundle&)>& change,
                      const std::function<void(tdx::TdReport&)>& measure) {
    return altered_bundle(bundle, [&](statement::Bundle& altered) {
        const auto quote = tdx::Quote::parse(altered.cpu_evidence);
        const auto platform = simulated::Platform::from_root(root, random, now);
        if (!quote || !platform) return;
        change(altered);
        tdx::TdReport report = quote->claimed().report;
        report.report_data = tdx::ReportData::from_view(altered.statement.report_data(altered.tee));
        measure(report);
        if (auto fresh = platform->quote(report)) altered.cpu_evidence = std::move(*fresh);
    });
}

}  // namespace openpcc::demo
