# SPDX-License-Identifier: Apache-2.0
"""Turns what the benchmarks measured into Markdown, with the goals beside the figures."""
import datetime
import os
import pathlib
import platform
import random
import re
import statistics
import subprocess

ROLES = ["client", "relay", "nginx", "gateway", "node", "engine", "engine-alone"]
REFERENCE_TTFT_US = 25_000  # of a large model on a GPU: what percentages refer to


def said(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return "unknown"


def load():
    return pathlib.Path("/proc/loadavg").read_text().split()[0]


def machine(build, source):
    cpu = re.findall(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    model = re.findall(r"^model\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    cache = pathlib.Path(build, "CMakeCache.txt").read_text()
    build_type = re.search(r"CMAKE_BUILD_TYPE:\w+=(.*)", cache).group(1)
    flags = re.search(rf"CMAKE_CXX_FLAGS_{build_type.upper()}:\w+=(.*)", cache).group(1)
    compiler = re.search(r"CMAKE_CXX_COMPILER:\w+=(.*)", cache).group(1)
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{cpu[0] if cpu else platform.machine()} (model {model[0] if model else '?'})",
        "cores": os.cpu_count(), "kernel": platform.release(), "compiler": said(compiler, "--version"),
        "build": f"{build_type} ({flags})", "openssl": said("openssl", "version"),
        "revision": said("git", "-C", str(source), "rev-parse", "--short=12", "HEAD"), "load": load(),
    }


def machine_text(found):
    return (f"Machine: {found['cpu']}, {found['cores']} cores, Linux {found['kernel']}; {found['compiler']}, "
            f"{found['build']}; {found['openssl']}.\nRevision {found['revision']}, {found['date']}.\n")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def crypto_text(output):
    rows = []
    pattern = r"(.+?) +ours +([\d.]+) us +raw +([\d.]+) us +raw/ours ([\d.]+ \[.*?\]) +goal ([\d.]+) (\w+)"
    for name, ours, bare, ratio, goal, verdict in re.findall(pattern, output):
        rows.append([name, f"{ours} us", f"{bare} us", ratio, f">= {goal}", "pass" if verdict == "met" else "MISS"])
    return ("## Crypto against a bare OpenSSL loop\n\nCPU time of the thread, both alternating in one run; the ratio's median "
            "[10 %, 90 %].\n\n" + table(["operation", "ours", "bare", "bare / ours", "goal", ""], rows))


def interval(values, digits=0):
    return f"{values[0]:.{digits}f} [{values[1]:.{digits}f}, {values[2]:.{digits}f}]"


def median_of(values):
    """Median over rounds with its 95 % bootstrap interval."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(1000))
    return [statistics.median(values), medians[25], medians[974]]


def shape(data, name):
    return next((one for one in data["shapes"] if one["name"] == name), None)


def per_chunk(data, name, base, way, role):
    """Rounds of (CPU of a long answer - CPU of a one-token answer) / further tokens."""
    long, short = shape(data, name), shape(data, base)
    tokens = long["tokens"] - 1
    pairs = zip(long["ways"][way]["cpu"][role], short["ways"][way]["cpu"][role])
    return [(more - less) / tokens for more, less in pairs]


def latency_rows(data):
    rows = []
    for one in data["shapes"]:
        for name, way in one["ways"].items():
            cells = [f"{one['name']}, {name}", interval(way["ttft_p50"]), interval(way["ttft_p95"])]
            if name == "engine":
                cells += ["", "", ""]
            else:
                cells += [interval(way["added_ttft_p50"]), interval(way["added_ttft_p95"]),
                          interval(way["total_ratio"], 4)]
            rows.append(cells + [f"{way['failed']} of {way['failed'] + way['requests']}"])
    return rows


LATENCY_HEAD = ["us", "TTFT p50", "TTFT p95", "added p50", "added p95", "whole answer / engine's", "failed"]


def delay_rows(data):
    rows = []
    for one in data["shapes"]:
        for name, way in one["ways"].items():
            if one["tokens"] == 1 or name == "engine":
                continue
            rows.append([f"{one['name']}, {name}", interval(one["ways"]["engine"]["delay_p50"]), interval(way["delay_p50"])]
                        + [interval(way[f"added_delay_{part}"]) for part in ("p50", "p95", "p99")])
    return rows


def cpu_rows(data):
    rows = []
    for one in data["shapes"]:
        if one["tokens"] > 1:
            continue
        for name, way in one["ways"].items():
            cells = [interval(median_of(way["cpu"][role])) if role in way["cpu"] else "" for role in ROLES]
            rows.append([f"{one['name']}, {name}"] + blank(cells, name))
    return rows


def blank(cells, way):
    """Roles that are not on this way say nothing."""
    idle = {"engine": {"relay", "nginx", "gateway", "node", "engine"}, "relayd": {"nginx", "engine-alone"},
            "nginx": {"relay", "engine-alone"}}[way]
    return ["" if role in idle else cell for role, cell in zip(ROLES, cells)]


def chunk_rows(data, pairs):
    rows = []
    for name, base in pairs:
        if shape(data, name) is None:
            continue
        for way in shape(data, name)["ways"]:
            known = shape(data, name)["ways"][way]["cpu"]
            cells = [interval(median_of(per_chunk(data, name, base, way, role)), 1) if role in known else ""
                     for role in ROLES]
            rows.append([f"{name}, {way}"] + blank(cells, way))
    return rows


def path_text(data):
    text = ("## The path against the engine alone, with a stand-in engine\n\nThe engine answers at once, so what is left is "
            "ours. Medians over rounds [95 % bootstrap]. All ways alternate in one run; two candidates per request.\n\n")
    text += "\n".join(f"* {one['name']}: prompt of {one['prompt_bytes']} bytes, {one['tokens']} tokens"
                      + (f" every {one['gap_us'] / 1000:g} ms" if one["gap_us"] else "") + f", {one['streams']} at a time"
                      for one in data["shapes"])
    text += (f"\n* HPKE alone, both ends, X25519, AES-128-GCM, 2 KiB, same run: {interval(data['hpke_us'], 1)} us\n\n"
             + table(LATENCY_HEAD, latency_rows(data)) + "\nHow late a token is at the client, us after the engine wrote it:\n\n"
             + table(["us", "engine alone p50", "path p50", "added p50", "added p95", "added p99"], delay_rows(data))
             + "\nCPU us a request of one token (set-up), all processes of a role:\n\n"
             + table(["", *ROLES], cpu_rows(data)) + "\nCPU us a token, set-up taken off:\n\n"
             + table(["", *ROLES], chunk_rows(data, [("stream", "short"), ("streams-20", "short-c8")]))
             + "\nBytes at the client's socket, HTTP included:\n\n")
    rows = [[one["shape"], one["way"], str(one["up"]), str(one["down"])] for one in data["bytes"]]
    return text + table(["shape", "way", "up", "down"], rows)


def engine_text(data):
    return ("## The path against the engine alone, with llama-server and the demo model\n\nA small model on shared cores: the "
            "engine's own noise is larger than what we add.\n\n" + table(LATENCY_HEAD, latency_rows(data))
            + "\nCPU us a request of one token:\n\n" + table(["", *ROLES], cpu_rows(data)) + "\nCPU us a token:\n\n"
            + table(["", *ROLES], chunk_rows(data, [("stream", "first")])))


def ratios(above, below):
    """Median and interval of a ratio of medians."""
    draw = random.Random(1)
    both = list(zip(above, below))
    values = []
    for _ in range(1000):
        drawn = draw.choices(both, k=len(both))
        values.append(statistics.median(a for a, _ in drawn) / max(1e-9, statistics.median(b for _, b in drawn)))
    values.sort()
    return [statistics.median(above) / max(1e-9, statistics.median(below)), values[25], values[974]]


def goals_text(data):
    rows = []

    def goal(name, values, digits, least, first, aim=""):
        good = values[2] <= least
        verdict = "pass" if good else "open" if values[1] <= least else "MISS"
        rows.append([name, interval(values, digits), first, aim, verdict])

    def scaled(values, by):
        return [value / by for value in values]

    hpke = data["hpke_us"][0]
    short, stream = shape(data, "short")["ways"], shape(data, "stream")["ways"]
    goal("P1 added TTFT p50, 2 KiB / HPKE both ends", scaled(short["relayd"]["added_ttft_p50"], hpke), 2, 3, "<= 3",
         "2.5, limit 1.5")
    goal("P1b the same, p99", scaled(short["relayd"]["added_ttft_p99"], hpke), 2, 4, "<= 4", "2.6")
    goal("P5 a stream's length / engine's", stream["relayd"]["total_ratio"], 4, 1.002, "<= 1.002", "1.0005")
    if "nginx" in short:
        for name, base in (("short", "per request, one at a time"), ("short-c8", "per request, 8 at a time")):
            ways = shape(data, name)["ways"]
            goal(f"P6 relay / nginx, CPU {base}", ratios(ways["relayd"]["cpu"]["relay"], ways["nginx"]["cpu"]["nginx"]),
                 2, 1.5, "<= 1.5", "0.90, limit 0.78")
        for name, base in (("stream", "short"), ("streams-20", "short-c8")):
            goal(f"P8 relay / nginx, CPU per token, {name}",
                 ratios(per_chunk(data, name, base, "relayd", "relay"), per_chunk(data, name, base, "nginx", "nginx")), 2, 1.5,
                 "<= 1.5", "0.85, limit 0.76")
    counted = {(one["shape"], one["way"]): one for one in data["bytes"]}
    tokens = shape(data, "stream")["tokens"] - 1

    def bytes_a_token(way):
        return (counted["stream", way]["down"] - counted["short", way]["down"]) / tokens

    share = bytes_a_token("relayd") / bytes_a_token("engine")
    goal("P27 bytes a token / engine's own", [share] * 3, 2, 0.6, "<= 0.6", "0.4")
    goal("added TTFT p50, % of 25 ms", scaled(short["relayd"]["added_ttft_p50"], REFERENCE_TTFT_US / 100), 2, 1.5, "<= 1.5", "")
    return "## Goals\n\n" + table(["goal", "measured", "first", "then", ""], rows)
