// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "apps/config/config.hpp"
#include "apps/openpcc-admin/options.hpp"
#include "apps/openpcc-admin/profile.hpp"
#include "apps/openpcc-admin/service.hpp"
#include "trust/envelope/envelope.hpp"
#include "trust/policy/policy.hpp"
#include "trust/profile/profile.hpp"
#include "version.hpp"

namespace openpcc::admin {

namespace {

std::string_view hint_for(const Error& error) {
    if (error == policy::kBadPolicy) return "docs/reference/policy.md describes the file";
    if (error == envelope::kBadSigner) return "`openpcc-admin key show FILE` prints the text of a key";
    if (error == profile::kBadProfile) return "docs/reference/profile.md describes the file";
    if (error == envelope::kUnderSigned) return "`openpcc-admin policy sign` or `profile sign` adds a signature";
    return {};
}

}  // namespace

cli::ExitCode report(const Error& error, bool json) {
    // Everything that this program reads is a file of its caller's.
    const cli::ExitCode code = error.category() == Category::kBadInput ? cli::kUsage : cli::exit_code(error.category());
    return cli::report_as("openpcc-admin", error, code, hint_for(error), json);
}

}  // namespace openpcc::admin

int main(int argc, char** argv) {
    using namespace openpcc;
    CLI::App app("openpcc-admin: what an operator of a confidential service writes, signs and checks");
    app.set_version_flag("--version", std::string("openpcc-admin ") + kVersion + " (" + kRevision + ")");
    app.require_subcommand(1);
    app.footer("exit codes: 0 verified, 1 usage, 2 not verified, 3 incomplete, 6 internal, 8 changed, 9 looser");
    admin::PolicyOptions policy;
    admin::KeyOptions key;
    admin::ProfileOptions profile;
    admin::InspectOptions inspect;
    admin::ServiceOptions service;
    admin::CheckServiceOptions check;
    admin::add_policy(app, policy);
    admin::add_key(app, key);
    admin::add_profile(app, profile);
    admin::add_inspect(app, inspect);
    admin::add_service(app, service);
    admin::add_check(app, check);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? cli::kOk : cli::kUsage;
    }
    if (app.got_subcommand("policy")) return admin::policy(app, policy);
    if (app.got_subcommand("key")) return admin::key(app, key);
    if (app.got_subcommand("profile")) return admin::profile(app, profile);
    if (app.got_subcommand("inspect")) return admin::inspect(inspect);
    if (app.got_subcommand("check")) return admin::check(check);
    if (app.got_subcommand("service")) return admin::service(service);
    return cli::kUsage;
}
