// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "apps/console/console.hpp"

namespace openpcc::admin {

struct ServiceInitOptions {
    std::string folder;
    std::string name;
    std::string relay, relay_roots, gateway;
    std::vector<std::string> nodes;
    bool split = false;
    bool simulated = false;  // builds without simulated hardware have no such flag
    std::string engine_kind = "llama-server";
    std::string engine_root, model, model_name;
    std::string release;
    std::string preset;
    std::string policy;
    std::vector<std::string> measurements;
    std::vector<std::string> fmspc, products;
    std::int64_t days = 90;
    std::string programs;
    bool json = false;
};

struct ServiceOptions {
    ServiceInitOptions init;
};
void add_service(CLI::App& app, ServiceOptions& options);
int service(const ServiceOptions& options);

}  // namespace openpcc::admin
