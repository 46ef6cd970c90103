#!/usr/bin/env python3
"""Times attention and elementwise work of torch_cpu.py alone, as a table for `microdc calibrate
import`: CSV on stdout. Host time of the operators, which a run of the tiny model counts already, is
taken off. Products are not in it: they are oneDNN's, which `microdc calibrate` measures itself.
"""
import argparse
import os
import sys
import time

import torch
from torch.nn.functional import silu

import torch_cpu

HEADER = ("source,gpu,engine,engine_version,op,dtype,kv_dtype,m,n,bytes,batch,q_len,kv_len,"
          "n_q_heads,n_kv_heads,head_dim,latency_us,method")


def seconds(call):
    """Typical time of a call; `call` gets its number, to take other operands each time."""
    call(0)
    samples = torch_cpu.Samples()
    end = time.perf_counter() + 0.4
    while len(samples.all) < 5 or (time.perf_counter() < end and len(samples.undisturbed) < 60):
        samples.take(lambda: call(len(samples.all)))
    return samples.typical()


def model_of(hidden, inner, heads, kv_heads, dim, positions, layers=1):
    config = {"hidden_size": hidden, "num_attention_heads": heads, "num_key_value_heads": kv_heads,
              "head_dim": dim, "num_hidden_layers": layers, "intermediate_size": inner,
              "vocab_size": 16, "rms_norm_eps": 1e-6, "rope_theta": 1e6}
    return torch_cpu.Model(config, torch.bfloat16, positions)


def attention_seconds(batch, queries, context, heads, kv_heads, dim):
    """Attention of one layer without its two products with weights."""
    copies = max(2, min(24, int(2e8 / (4 * batch * context * kv_heads * dim))))
    model = model_of(16, 16, heads, kv_heads, dim, context + 32, copies)
    model.clear_cache(batch, context + 32)
    for cache in (*model.keys, *model.values):
        cache.normal_()
    q = torch.randn(batch, queries, heads, dim).bfloat16()
    k = torch.randn(batch, queries, kv_heads, dim).bfloat16()
    first = context - queries
    mask = torch.ones(queries, context, dtype=torch.bool).triu_(first + 1)
    return seconds(lambda i: model.mix(i % copies, q, k, k, first, mask))


def print_row(op, time_s, bytes_="", m="", n="", shape=("",) * 6):
    print(f"microdc,{OPTIONS.device},{OPTIONS.engine},{torch.__version__},{op},bf16,"
          f"{'bf16' if op.startswith('attention') else ''},{m},{n},{bytes_},"
          f"{','.join(str(x) for x in shape)},{1e6 * time_s:.3f},median", flush=True)


def attention():
    groups = ((16, 8, 128), (16, 8, 128), (32, 8, 128), (14, 2, 64))
    host = {queries: min(attention_seconds(1, queries, queries, 2, 1, 8) for _ in range(3))
            for queries in (1, 2)}
    decode = [(batch, context) for batch in (1, 2, 4, 8) for context in (96, 200, 450, 900, 1800)]
    for i, (batch, context) in enumerate(decode):
        heads = groups[i % len(groups)]
        time_s = attention_seconds(batch, 1, context, *heads) - host[1]
        print_row("attention_decode", time_s, shape=(batch, "", context, *heads))
    for i, queries in enumerate((16, 24, 40, 64, 100, 128, 180, 256, 300, 400, 512, 640, 800, 1024)):
        for j, prefix in enumerate((0, 200)):
            heads = groups[(i + j) % len(groups)]
            time_s = attention_seconds(1, queries, queries + prefix, *heads) - host[2]
            print_row("attention_prefill", time_s, shape=(1, queries, queries + prefix, *heads))


def elementwise():
    """The bytes are those that models/step_work.cpp counts for the same work, fused."""
    def both(op, bytes_, make):
        def timed(rows):
            call = make(rows)
            return seconds(lambda i: call())
        host = min(timed(1) for _ in range(3))
        for rows in (32, 96, 256, 700, 2048):
            time_s = timed(rows) - host
            if time_s > 0:
                print_row(op, time_s, bytes_=int(rows * bytes_), m=rows, n=int(bytes_ / 2))

    for hidden, inner, heads, kv_heads, dim in ((1024, 3072, 16, 8, 128), (2048, 6144, 16, 8, 128)):
        model = model_of(hidden, inner, heads, kv_heads, dim, 4096)

        def norm(rows, hidden=hidden, model=model):
            x, y = (torch.randn(1, rows, hidden).bfloat16() for _ in range(2))
            return lambda: model.rms_norm(x + y, model.norm)

        def rope(rows, heads=heads, kv_heads=kv_heads, dim=dim, model=model):
            x = torch.randn(1, rows, (heads + 2 * kv_heads) * dim).bfloat16()

            def call():  # attention() writes the cache
                q, k, _ = model.heads_of(x)
                return model.rotated(q, 0), model.rotated(k, 0)
            return call

        def act(rows, inner=inner):
            x = torch.randn(1, rows, 2 * inner).bfloat16()
            return lambda: torch.mul(silu(x[..., :inner]), x[..., inner:])

        both("elementwise_norm", 8 * hidden, norm)
        both("elementwise_rope", 4 * (heads + kv_heads) * dim + 8 * kv_heads * dim, rope)
        both("elementwise_act", 6 * inner, act)


def main():
    global OPTIONS
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("device", help="name of the measured CPU in the catalog")
    parser.add_argument("--engine", default="onednn-plain", help="source of the engine's products")
    OPTIONS = parser.parse_args()
    torch_cpu.keep_freed_memory()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    print(HEADER)
    attention()
    elementwise()


OPTIONS = None
if __name__ == "__main__":
    sys.exit(main())
