// SPDX-License-Identifier: Apache-2.0
#include "apps/remedies/remedies.hpp"

#include <algorithm>

#include "apps/config/config.hpp"
#include "apps/profiles/added.hpp"
#include "hops/client/errors.hpp"
#include "io/net/errors.hpp"
#include "trust/collateral/errors.hpp"
#include "trust/policy/policy.hpp"
#include "trust/service/gateway_keys.hpp"

namespace openpcc::remedies {

std::string_view hint_for(const Error& error) {
    const std::pair<ErrorCode, std::string_view> hints[] = {
        {net::kUnreachable, "is the relay running, and is `relay` in the client configuration right?"},
        {net::kTimeout, "the service did not answer in time; try again, or ask its operator"},
        {client::kNotVerified, "run `openpcc verify` to see which check failed and why"},
        {client::kNotLocal, "use the demo on this machine, or a service on real hardware"},
        {client::kNoNode, "its nodes are starting or down; try again in a moment"},
        {client::kGatewayRefused,
         "503: its nodes are busy or down, try again in a moment; else this client and the service differ in version"},
        {client::kTruncated, "what was shown is genuine but not whole; ask again"},
        {client::kEngineFailed, "what was shown is genuine but not whole; ask again"},
        {client::kUnreadable, "somebody on the way changed the request or the answer; nothing of it was shown"},
        {service::kBadSignature, "the relay gave out keys that the service did not sign; do not use this relay"},
        {service::kNotInForce, "check this machine's clock"},
        {collateral::kUnknown, "docs/reference/collateral.md lists what can be packed"},
        {collateral::kMalformed, "`openpcc collateral pack` makes files of the right form of what others write"},
        {envelope::kUnderSigned, "ask whoever gave you the file for one that enough of its signers have signed"},
        {config::kBadFile, "does the file exist, and may you read and write it?"},
        {client::kRelayRefused, "the relay is there, and the gateway behind it may not be: try again in a moment, or ask its operator"},
        {profiles::kUnknown,
         "`openpcc services` lists them, `openpcc use NAME` says which is meant, `openpcc add FILE|URL` adds one"},
        {profiles::kAltered, "`openpcc remove` it, and add the profile again"},
        {profile::kNotInForce, "is this machine's clock right? else `openpcc add` the service's newest profile"},
        {profile::kNotSuccessor, "ask the service's operator; `openpcc remove NAME` forgets the one that is here"},
        {profile::kBadProfile, "docs/reference/profile.md describes the file"},
        {policy::kBadPolicy, "docs/reference/policy.md describes the file"},
    };
    for (const auto& [code, hint] : hints)
        if (error == code) return hint;
    return {};
}

namespace {

// What is wrong with a file that the caller has named, and not with what a peer has sent.
bool is_own_file(const Error& error) {
    const ErrorCode codes[] = {config::kBadConfig,    config::kBadFile,     policy::kBadPolicy,
                               profile::kBadProfile,  profiles::kUnknown,   collateral::kMalformed,
                               collateral::kTooLarge, collateral::kUnknown, envelope::kMalformed,
                               envelope::kBadSigner};
    return std::ranges::any_of(codes, [&](const ErrorCode& code) { return error == code; });
}

}  // namespace

cli::ExitCode exit_code(const Error& error) {
    return is_own_file(error) ? cli::kUsage : cli::exit_code(error.category());
}

}  // namespace openpcc::remedies
