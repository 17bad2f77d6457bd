// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/openpcc/choice.hpp"

namespace openpcc::cli {

struct DoctorOptions {
    ServiceChoice choice;
    bool json = false;
};
void add_doctor(CLI::App& app, DoctorOptions& options);

// doctor walks the way of a request, from this machine's clock to an answer of a verified node, and says at each step
// what is wrong and what to do. It sends no prompt: the last step asks for the list of models, sealed.
int doctor(const DoctorOptions& options);

}  // namespace openpcc::cli
