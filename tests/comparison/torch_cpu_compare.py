#!/usr/bin/env python3
"""Holds what torch_cpu.py measured against `microdc simulate` of the same runs.

    torch_cpu.py config.json qwen3-0.6b > measured.json \\
        --between "timeout -s INT 20 microdc calibrate --device cpu -o here"
    torch_cpu_compare.py build/release/microdc here measured.json

Of all visits of a run the geometric mean counts, as of passes in a law. Prints a line per run and
the median errors; exits with 1 if a median is above --limit.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile


def scenario(run, model, engine, weights, server):
    def fixed(tokens):
        return {"kind": "fixed", "mean": tokens}

    return {
        "schema_version": 1, "name": "torch", "seed": 1,
        "workloads": [{"name": "batch", "kind": "burst", "requests": run["batch"],
                       "input": fixed(run["prompt"]), "output": fixed(run["outputs"])}],
        "sites": [{"name": "here", "racks": [{"name": "desk", "servers": [
            {"name": "machine", "type": server, "count": 1}]}]}],
        "pools": [{"name": "torch", "model": model, "engine": engine, "weights": weights,
                   "kv_cache": weights, "servers": "machine", "prefix_caching": False,
                   "gathers_arrivals": True}],
        "gateway": {"latency": "0 s"},
    }


def predict(options, document):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "torch.json")
        file.write_text(json.dumps(document), encoding="utf-8")
        command = [options.microdc, "simulate", file, "--json", "--hardware", options.hardware]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["latency"]


def server_of(hardware):
    files = sorted(pathlib.Path(hardware, "servers").glob("*.json"))
    if len(files) != 1:
        sys.exit(f"{hardware}/servers must hold the one server that `microdc calibrate` wrote")
    return files[0].stem


def compare(options, card, weights, server, runs):
    """Prints a model's runs; the larger of its median errors."""
    errors = {"prefill": [], "decode": []}
    print(f"{card}\nbatch prompt | prefill tokens/s: measured predicted error"
          " | decode tokens/s: measured predicted error")
    for run in runs:
        latency = predict(options, scenario(run, card, options.engine, weights, server))
        tokens = run["batch"] * run["prompt"]
        first, gap = latency["ttft_s"]["mean"], latency["itl_s"]["mean"]
        prefill, step = (statistics.geometric_mean(run[name]) for name in ("prefill_s", "step_s"))
        pairs = {"prefill": (tokens / prefill, tokens / first),
                 "decode": (run["batch"] / step, run["batch"] / gap)}
        line = f"{run['batch']:5} {run['prompt']:6}"
        for metric, (real, predicted) in pairs.items():
            error = 100 * (predicted / real - 1)
            errors[metric].append(abs(error))
            line += f" | {real:9.1f} {predicted:9.1f} {error:+6.1f} %"
        print(line)
    medians = {metric: statistics.median(values) for metric, values in errors.items()}
    for metric, median in medians.items():
        print(f"{metric}: median error {median:.1f} %, largest {max(errors[metric]):.1f} %")
    return max(medians.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("microdc", help="the command")
    parser.add_argument("hardware", help="folder of `microdc calibrate --device cpu`")
    parser.add_argument("measured", help="JSON of torch_cpu.py")
    parser.add_argument("--engine", default="pytorch-cpu")
    parser.add_argument("--limit", type=float, help="largest median error [%%]")
    options = parser.parse_args()
    with open(options.measured, encoding="utf-8") as file:
        measured = json.load(file)
    weights = {"bfloat16": "bf16", "float32": "fp32"}[measured["dtype"]]
    server = server_of(options.hardware)
    largest = max(compare(options, model["card"], weights, server, model["runs"])
                  for model in measured["models"])
    if options.limit is not None and largest > options.limit:
        sys.exit(1)


if __name__ == "__main__":
    main()
