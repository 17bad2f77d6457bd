// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <filesystem>

#include "apps/openpcc/chat.hpp"
#include "apps/openpcc/collateral.hpp"
#include "apps/openpcc/doctor.hpp"
#include "apps/openpcc/output.hpp"
#include "apps/openpcc/policy.hpp"
#include "apps/openpcc/proxy.hpp"
#include "apps/openpcc/services.hpp"
#include "apps/openpcc/verify.hpp"
#include "apps/openpcc/watch.hpp"
#if OPENPCC_SIMULATED_HARDWARE
#include "apps/openpcc/demo/demo.hpp"
#endif
#include "version.hpp"

using namespace openpcc;

namespace {

void add_chat(CLI::App& app, cli::ChatOptions& options) {
    CLI::App* chat = app.add_subcommand("chat", "Verify the service, then ask it; the answer streams");
    cli::add_service_choice(*chat, options.choice);
    chat->add_option("prompt", options.prompt, "What to ask; standard input when absent");
    chat->add_option("--model", options.model, "Model name")->capture_default_str();
    chat->add_option("--system", options.system, "System message");
    chat->add_option("--temperature", options.temperature, "Sampling temperature")->check(CLI::Range(0.0, 2.0));
    chat->add_option("--max-tokens", options.max_tokens, "Longest answer, in tokens")->check(CLI::Range(1, 1 << 20));
    chat->add_flag("--json", options.json, "One JSON object: verdicts, answer, node");
}

void add_verify(CLI::App& app, cli::VerifyOptions& options) {
    CLI::App* verify = app.add_subcommand("verify", "Show every check of a service's nodes, or of a saved bundle");
    cli::add_service_choice(*verify, options.choice);
    verify->add_option("bundle", options.bundle, "A saved evidence bundle, a folder of them, or a quote or report");
    verify->add_option("--policy", options.policy, "Policy for saved evidence, bare or signed");
    cli::add_policy_signers(*verify, "policy", options.policy_signers);
    verify->add_option("--collateral", options.collateral, "What vendors publish (openpcc collateral), for saved evidence");
    verify->add_option("--certificates", options.certificates, "Of an SNP report: VCEK or VLEK, then its issuer (DER or PEM)");
    verify->add_option("--event-log", options.event_log, "The boot log of a saved TDX bundle");
#if OPENPCC_SIMULATED_HARDWARE
    verify->add_option("--simulated-roots", options.simulated_roots, "Throwaway roots for a saved bundle (PEM)");
#endif
    verify->add_option("--challenge", options.challenge, "The challenge that was sent (hex), with --sent");
    verify->add_option("--sent", options.sent, "When the challenge was sent (2026-11-25T07:00:00Z)");
    verify->add_option("--at", options.at, "Judge as of this time (2026-11-25T07:00:00Z)");
    verify->add_option("--save", options.save, "Save the bundles of a live service in this folder");
    verify->add_flag("--explain", options.explain, "Say of every check what it means, who signed and how old it is");
    verify->add_flag("--json", options.json, "One JSON object per node");
}

#if OPENPCC_SIMULATED_HARDWARE
void add_demo(CLI::App& app, demo::DemoOptions& options) {
    options.stage.programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
    CLI::App* demo = app.add_subcommand("demo", "Start every role on this machine, ask, show who saw what, stop everything");
    demo->add_option("--engine-root", options.stage.engine_root, "Where llama-server was unpacked (tools/engine/fetch --print-root)")
        ->required()
        ->check(CLI::ExistingDirectory);
    demo->add_option("--model", options.stage.model, "Model weights (GGUF)")->required()->check(CLI::ExistingFile);
    demo->add_option("--prompt", options.prompt, "What to ask")->capture_default_str();
    demo->add_flag("--attack", options.attack, "Then attack the live system and show what stops each attack");
    demo->add_flag("--hold", options.hold, "Keep everything running until Ctrl-C");
    demo->add_flag("--json", options.json, "Machine-readable output");
}
#endif

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("openpcc: ask a confidential model, and know who could read it");
    app.set_version_flag("--version", std::string("openpcc ") + kVersion + " (" + kRevision + ")");
    app.require_subcommand(1);
    app.footer("exit codes: 0 verified, 1 usage, 2 not verified, 3 incomplete, 4 unreachable, 5 refused, 6 internal, 7 simulated");
    cli::ChatOptions chat;
    cli::VerifyOptions verify;
    add_chat(app, chat);
    add_verify(app, verify);
    cli::ProxyOptions proxy;
    cli::add_proxy(app, proxy);
    cli::DoctorOptions doctor;
    cli::add_doctor(app, doctor);
    cli::WatchOptions watch;
    cli::add_watch(app, watch);
    cli::ServicesOptions services;
    cli::add_services(app, services);
    cli::CollateralOptions collateral;
    cli::add_collateral(app, collateral);
    cli::PolicyOptions policy;
    cli::add_policy(app, policy);
#if OPENPCC_SIMULATED_HARDWARE
    demo::DemoOptions demo;
    add_demo(app, demo);
#endif
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? cli::kOk : cli::kUsage;
    }
    if (const auto code = cli::services(app, services)) return *code;
    if (app.got_subcommand("chat")) return cli::chat(chat);
    if (app.got_subcommand("doctor")) return cli::doctor(doctor);
    if (app.got_subcommand("watch")) return cli::watch(watch);
    if (app.got_subcommand("proxy")) return cli::proxy(proxy);
    if (app.got_subcommand("verify")) return cli::verify(verify);
    if (app.got_subcommand("collateral")) return cli::collateral(app, collateral);
    if (app.got_subcommand("policy")) return cli::policy(app, policy);
#if OPENPCC_SIMULATED_HARDWARE
    if (app.got_subcommand("demo")) return demo::run(demo);
#endif
    return cli::kUsage;
}
