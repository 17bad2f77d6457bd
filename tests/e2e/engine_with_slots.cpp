// SPDX-License-Identifier: Apache-2.0
// Stands in for llama-server inside the sandbox, and is it at once, with one argument changed: the page that shows what
// each slot is at, which nodes switch off, is on. So scenarios see in the engine's own state whether it works.
#include <unistd.h>

#include <cstring>

int main(int, char** argv) {
    static char shown[] = "--slots";
    for (char** argument = argv; *argument != nullptr; ++argument)
        if (std::strcmp(*argument, "--no-slots") == 0) *argument = shown;
    ::execv("/usr/bin/llama-server.real", argv);
    return 127;
}
