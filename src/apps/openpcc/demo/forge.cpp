// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/forge.hpp"

namespace openpcc::demo {

Bytes altered_bundle(ByteView bundle, const std::function<void(statement::Bundle&)>& change) {
    auto parsed = statement::Bundle::parse(bundle);
    if (!parsed) return Bytes(bundle);
    statement::Bundle altered = std::move(*parsed).claimed();
    change(altered);
    return altered.encode();
}

Bytes reissued_bundle(ByteView bundle, const simulated::Platform& machine, const Change& change) {
    return altered_bundle(bundle, [&](statement::Bundle& altered) {
        const auto quote = tdx::Quote::parse(altered.cpu_evidence);
        if (!quote) return;
        change.statement(altered);
        tdx::TdReport report = quote->claimed().report;
        report.report_data = tdx::ReportData::from_view(altered.statement.report_data(altered.tee));
        simulated::Draft draft = machine.draft(report);
        change.quote(draft);
        if (auto fresh = machine.sign(draft)) altered.cpu_evidence = std::move(*fresh);
    });
}

}  // namespace openpcc::demo
