#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what does not depend on the neighbours: instructions (callgrind) and system calls (strace) of a role, a request
and a token. Needs a build with simulated hardware, valgrind and strace; to attach to noded it runs as root. valgrind
3.19 knows no pidfd, which noded needs, and its processor has no ADX: of noded only system calls are counted, and public-key
work looks about twice as dear as it is.

usage: bench/path_profile.py BUILD_DIR [--role relay|gateway|node|nginx|client] [--top N] [--keep FOLDER]
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE / "bench"))
import path_stage  # noqa: E402

FEW, MANY, TOKENS = 20, 120, 101
ROUNDS = 2  # one warms up; both run


class Profile:
    def __init__(self, build, role):
        self.role = role
        self.root = tempfile.mkdtemp(prefix="openpcc-profile-")
        # valgrind 3.19 cannot read clang's DWARF 5; names of functions are enough.
        self.build = pathlib.Path(self.root, "build")
        for name in ("bin/relayd", "bin/gatewayd", "bin/noded", "bench/path_bench"):
            (self.build / name).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["strip", "--strip-debug", "-o", self.build / name, f"{build}/{name}"], check=True)
        for name in ("usr/bin", "usr/lib", "usr/lib64"):
            pathlib.Path(self.root, name).mkdir(parents=True)
        shutil.copy(f"{build}/bench/path_engine", f"{self.root}/usr/bin/llama-server")

    def stage(self, wrap):
        # One node: all requests are the profiled one's.
        path_stage.NODES = 1
        return path_stage.Stage(self.build, self.root, HERE / "models/demo/demo.gguf", 64, 4096, wrap)

    def ask(self, stage, repeat, tokens, wrap=()):
        """Returns how many requests the path has had."""
        client = stage.start_nginx() if self.role == "nginx" and "nginx" not in stage.processes else stage.client
        if self.role == "nginx":
            client = f"{stage.folder}/client-nginx.toml"
        command = [*wrap, f"{self.build}/bench/path_bench", "run", "--engine", stage.engine, "--path", f"path={client}",
                   "--rounds", "1", "--shape", f"s,2048,{tokens},5000,1,{repeat}"]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"profile: error: {result.stdout[-500:]} {result.stderr[-1500:]}")
        return ROUNDS * repeat


def callgrind(profile):
    """File of each phase: few requests, many requests, few requests of many tokens."""
    out = f"{profile.root}/out"
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}.%p", "--dump-instr=no"]
    phases = [(FEW, 1), (MANY, 1), (FEW, TOKENS)]
    files = []
    if profile.role == "client":
        stage = profile.stage({})
        try:
            for repeat, tokens in phases:
                profile.ask(stage, repeat, tokens, tool)
                found = max(pathlib.Path(profile.root).glob("out.*"), key=lambda path: path.stat().st_mtime)
                files.append(found.rename(f"{profile.root}/phase.{len(files)}"))
        finally:
            stage.stop()
        return files
    stage = profile.stage({profile.role: tool})
    try:
        pid = stage.processes[profile.role].pid

        def dump():
            before = set(pathlib.Path(profile.root).glob(f"out.{pid}.*"))
            subprocess.run(["callgrind_control", f"--dump={profile.role}", str(pid)], check=True, capture_output=True)
            for _ in range(100):
                fresh = set(pathlib.Path(profile.root).glob(f"out.{pid}.*")) - before
                if fresh:
                    time.sleep(0.3)
                    return fresh.pop()
                time.sleep(0.1)
            raise SystemExit("profile: error: callgrind gave no dump")

        profile.ask(stage, 5, 2)
        dump()
        for repeat, tokens in phases:
            profile.ask(stage, repeat, tokens)
            files.append(dump().rename(f"{profile.root}/phase.{len(files)}"))
    finally:
        stage.stop()
    return files


def functions(path):
    """Function -> own instructions, and function -> instructions with all that it calls, from callgrind's format."""
    names, own, whole = {}, {}, {}
    current, called = None, None
    for line in path.read_text().splitlines():
        key, _, value = line.partition("=")
        if key in ("fn", "cfn"):
            number, _, name = value.partition(" ")
            if name:
                names[number] = name
            if key == "fn":
                current, called = names[number], None
            else:
                called = names[number]
        elif re.match(r"[+\-*\d]", line) and current:
            cost = int(line.split()[1]) if " " in line else 0
            if called is None:
                own[current] = own.get(current, 0) + cost
            if called != current:
                whole[current] = whole.get(current, 0) + cost
            called = None
    own["TOTAL"] = sum(own.values())
    whole["TOTAL"] = own["TOTAL"]
    return own, whole


def print_top(title, more, less, by, top):
    print(f"\n{title}")
    for what, index in (("own", 0), ("with what they call", 1)):
        print_costs(what, more[index], less[index], by, top)


def print_costs(title, more, less, by, top):
    cost = {name: (more.get(name, 0) - less.get(name, 0)) / by for name in more | less}
    total = cost.pop("TOTAL", 0)
    print(f" {title}, of {total:,.0f} instructions:")
    for name, count in sorted(cost.items(), key=lambda item: -item[1])[:top]:
        print(f"  {count:10,.0f} {100 * count / max(1, total):5.1f} %  {name[:150]}")


def system_calls(profile):
    stage = profile.stage({})
    try:
        if profile.role == "nginx":
            stage.start_nginx()
        pids = stage.pids()
        pid = pids[profile.role][-1 if profile.role == "nginx" else 0]
        counts = []
        for repeat, tokens in [(FEW, 1), (MANY, 1), (FEW, TOKENS)]:
            trace = subprocess.Popen(["strace", "-c", "-f", "-p", str(pid), "-o", f"{profile.root}/strace"],
                                     stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            profile.ask(stage, repeat, tokens)
            trace.send_signal(2)
            trace.wait()
            text = pathlib.Path(profile.root, "strace").read_text()
            counts.append({name: int(calls) for calls, name in
                           re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", text, re.M)})
        few, many, tokens = counts
        requests = ROUNDS * (MANY - FEW)
        print("\nsystem calls a request and a token")
        for name in sorted(many | tokens, key=lambda name: -tokens.get(name, 0)):
            a_request = (many.get(name, 0) - few.get(name, 0)) / requests
            a_token = (tokens.get(name, 0) - few.get(name, 0)) / (ROUNDS * FEW * (TOKENS - 1))
            if a_request >= 0.05 or a_token >= 0.005:
                print(f"  {name:<16} {a_request:7.2f} {a_token:7.2f}")
    finally:
        stage.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--role", default="relay", choices=["relay", "gateway", "node", "nginx", "client"])
    parser.add_argument("--top", type=int, default=30)
    parser.add_argument("--keep", help="copy callgrind's files there")
    options = parser.parse_args()
    profile = Profile(pathlib.Path(options.build).resolve(), options.role)
    try:
        print(f"{options.role}: requests of 2 KiB, tokens 5 ms apart")
        if options.role not in ("nginx", "node"):
            files = callgrind(profile)
            few, many, tokens = map(functions, files)
            print_top("a request of one token", many, few, ROUNDS * (MANY - FEW), options.top)
            print_top("a token", tokens, few, ROUNDS * FEW * (TOKENS - 1), options.top)
            if options.keep:
                for file in files:
                    shutil.copy(file, f"{options.keep}/{options.role}.{file.name}")
        if options.role != "client" and shutil.which("strace"):
            system_calls(profile)
    finally:
        shutil.rmtree(profile.root, ignore_errors=True)


if __name__ == "__main__":
    main()
