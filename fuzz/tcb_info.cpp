// SPDX-License-Identifier: Apache-2.0
// TCB info: the envelope that holds it, and the value. What parses is within its bounds, and no platform is better off
// for it than the levels say.
#include "core/assert.hpp"
#include "evidence/tdx/signed_json.hpp"
#include "evidence/tdx/tcb.hpp"

namespace openpcc::tdx {
namespace {

bool is_within(ByteView part, ByteView whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// A platform of the highest versions fits the first level; one of the lowest no level that asks for anything.
void check_evaluation(const TcbInfo& info) {
    QeIdentity identity;
    identity.levels = {{0, {TcbStatus::kUpToDate, {}, {}}}};
    PckPlatform platform;
    Quote quote;
    for (const std::uint8_t svn : {std::uint8_t{0xff}, std::uint8_t{0}}) {
        platform.component_svn.fill(svn);
        platform.pce_svn = svn == 0 ? 0 : 0xffff;
        quote.report.tee_tcb_svn.bytes.fill(svn);
        quote.report.tee_tcb_svn2 = quote.report.tee_tcb_svn;
        for (const BodyType type : {BodyType::kTd10, BodyType::kTd15}) {
            quote.body_type = type;
            const Tcb tcb = evaluate_tcb(info, identity, platform, quote);
            OPENPCC_ASSERT(svn == 0 || tcb.platform.grade == info.levels.front().grade);
            OPENPCC_ASSERT(tcb.module.has_value() == (svn != 0));
            OPENPCC_ASSERT(!tcb.status || (tcb.platform.grade && (!tcb.module || tcb.module->grade)));
            OPENPCC_ASSERT(tcb.status != TcbStatus::kUpToDate || tcb.platform.grade->status == TcbStatus::kUpToDate);
        }
    }
}

void check_value(ByteView value) {
    const auto parsed = TcbInfo::parse(value);
    if (!parsed) return;
    const TcbInfo& info = parsed->claimed();
    OPENPCC_ASSERT(!info.levels.empty() && info.levels.size() <= kMaxLevels);
    for (const TcbInfo::Module& module : info.modules) {
        OPENPCC_ASSERT(module.major > 0 && info.module_of(module.major) == &module);
        OPENPCC_ASSERT(!module.levels.empty() && module.levels.size() <= kMaxLevels);
    }
    check_evaluation(info);
}

void check(ByteView bytes) {
    check_value(bytes);
    const auto envelope = Envelope::parse(bytes, "tcbInfo");
    if (!envelope) return;
    OPENPCC_ASSERT(is_within(envelope->value, bytes) && bytes.size() <= kMaxSignedJson);
    check_value(envelope->value);
}

}  // namespace
}  // namespace openpcc::tdx

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::tdx::check({data, size});
    return 0;
}
