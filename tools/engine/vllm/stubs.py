#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make empty CUDA libraries, so that PyTorch's CUDA build runs on a machine without a GPU.

PyPI has no CPU build of PyTorch. Its CUDA build needs three gigabytes of NVIDIA libraries merely to be loaded,
even where there is no GPU to use them. The libraries made here export the symbols that PyTorch imports and
answer "no device" to each. For tests on a CPU only: never part of a production image.

usage: stubs.py SITE-PACKAGES OUTPUT-FOLDER        (needs a C compiler, readelf and nm)
"""
import collections
import glob
import os
import re
import subprocess
import sys

NO_DEVICE = 100  # cudaErrorNoDevice, and CUDA_ERROR_NO_DEVICE too
NVIDIA_LIBRARY = re.compile(r"NEEDED.*\[(lib(?:cu|nccl|nv).*?)\]")
NVIDIA_SYMBOL = re.compile(r"(cu[a-z]*[A-Z]|nccl|nvrtc|nvshmem|__cuda|nvtx)")
RUNTIME = "libcudart.so.13"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def definition(symbol):
    if symbol.startswith("__cuda"):  # registration functions: return memory that the caller may write to
        return f"static char room_{symbol}[65536]; void *{symbol}(void) {{ return room_{symbol}; }}\n"
    if re.search("Error(String|Name)$", symbol):
        return f'const char *{symbol}(void) {{ return "stub"; }}\n'
    return f"int {symbol}(void) {{ return {NO_DEVICE}; }}\n"


def version_script(library, versioned):
    if not versioned:
        return "{ global: *; };"
    node = "NVSHMEM" if "nvshmem" in library else library
    return f"{node} {{ global: {' '.join(s + ';' for s in sorted(versioned))} }};"


def main():
    torch, out = os.path.join(sys.argv[1], "torch", "lib"), sys.argv[2]
    os.makedirs(out, exist_ok=True)
    needed, imported = set(), set()
    for library in glob.glob(torch + "/*.so*"):
        needed.update(NVIDIA_LIBRARY.findall(output("readelf", "-d", library)))
        lines = output("nm", "-D", "--undefined-only", library).splitlines()
        imported.update(line.split()[-1] for line in lines if line.split())

    symbols, unversioned = collections.defaultdict(set), set()
    for entry in imported:
        symbol, _, version = entry.partition("@")
        library = version.lstrip("@").replace("NVSHMEM", "libnvshmem_host.so.3")
        if library in needed:
            symbols[library].add(symbol)
        elif not library and NVIDIA_SYMBOL.match(symbol):
            symbols[RUNTIME].add(symbol)  # no version says whose it is; any loaded library will do
            unversioned.add(symbol)

    compiler = os.environ.get("CC", "cc")
    for library in sorted(needed):
        if os.path.exists(os.path.join(torch, library)):
            continue
        script = os.path.join(out, "version-script")
        with open(script, "w") as f:
            f.write(version_script(library, symbols[library] - unversioned))
        source = "int stub_;\n" + "".join(definition(s) for s in sorted(symbols[library]))
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-w", "-fno-builtin", "-x", "c", "-", "-o", os.path.join(out, library),
             f"-Wl,-soname,{library}", f"-Wl,--version-script={script}"],
            input=source, text=True, check=True)
        os.remove(script)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
