// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/console/console.hpp"

// The operator's tool: what it can be asked for, and one function for each subject.
namespace openpcc::admin {

struct MakeOptions {
    std::string preset = "strict";
    std::string out;
    std::string name;
    std::vector<std::string> measurements;
    std::vector<std::string> descriptions;
    std::vector<std::string> models;
    std::vector<std::string> engine_profiles;
    std::vector<std::string> hardware;
    std::int64_t days = 90;
    bool json = false;
};

struct SignOptions {
    std::string file;
    std::string key;
    std::string out;
    bool json = false;
};

struct CheckOptions {
    std::string file;
    std::vector<std::string> signers;
    std::optional<std::int64_t> threshold;
    std::optional<std::string> at;
    bool json = false;
};

struct DiffOptions {
    std::string from;
    std::string to;
    bool json = false;
};

struct PolicyOptions {
    MakeOptions make;
    SignOptions sign;
    CheckOptions check;
    DiffOptions diff;
};
void add_policy(CLI::App& app, PolicyOptions& options);
int policy(const CLI::App& app, const PolicyOptions& options);

struct KeyOptions {
    std::string out;
    std::string type = "ed25519";
    std::string file;
    bool json = false;
};
void add_key(CLI::App& app, KeyOptions& options);
int key(const CLI::App& app, const KeyOptions& options);

// inspect prints what a machine could attest, what hinders it and what to do, and changes nothing.
struct InspectOptions {
    std::string root;  // of the file tree to look at; empty: this machine's
    bool json = false;
};
void add_inspect(CLI::App& app, InspectOptions& options);
cli::ExitCode inspect(const InspectOptions& options);  // kIncomplete when the machine cannot attest

// check looks at a service before it starts, changes nothing, and says what to do about each thing that is wrong.
struct CheckServiceOptions {
    std::vector<std::string> paths;
    std::string programs;
    bool json = false;
};
void add_check(CLI::App& app, CheckServiceOptions& options);
cli::ExitCode check(const CheckServiceOptions& options);

// report prints an error with a hint, and gives the exit code.
cli::ExitCode report(const Error& error, bool json);

}  // namespace openpcc::admin
