#!/usr/bin/env python3
"""Times prompts and greedy decoding of Qwen3-shaped transformers in PyTorch on the CPU.

Random weights in the shape of Hugging Face config.json; grouped-query attention over a KV cache,
query-key norms, RMSNorm, rotary embedding, SwiGLU, tied head, greedy sampling. Prints one JSON
object; torch_cpu_compare.py holds it against `microdc simulate`. Needs Debian's python3-torch.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

# Before PyTorch's OpenMP binds this thread to a core.
CORES = os.sched_getaffinity(0)
THREADS = len(CORES)
COUNTED_PROMPT = 250  # like no dimension of a model
UNFINISHED = 124  # of timeout(1)

import torch  # pylint: disable=wrong-import-position
from torch.nn.functional import linear, silu  # pylint: disable=wrong-import-position


class Model:
    """Weights as engines hold them: QKV fused, gate and up fused."""

    def __init__(self, config, dtype, positions):
        self.hidden = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.kv_heads = config["num_key_value_heads"]
        self.dim = config.get("head_dim") or self.hidden // self.heads
        self.layers = config["num_hidden_layers"]
        self.eps = config["rms_norm_eps"]
        inner = config["intermediate_size"]

        block = torch.empty(1 << 20).normal_(0, 0.02).to(dtype)  # drawing every weight takes a minute

        def weight(rows, columns):
            return block.repeat(-(-rows * columns // len(block)))[:rows * columns].view(rows, columns)

        rows = (self.heads + 2 * self.kv_heads) * self.dim
        self.embedding = weight(config["vocab_size"], self.hidden)
        self.qkv = [weight(rows, self.hidden) for _ in range(self.layers)]
        self.out = [weight(self.hidden, self.heads * self.dim) for _ in range(self.layers)]
        self.gate_up = [weight(2 * inner, self.hidden) for _ in range(self.layers)]
        self.down = [weight(self.hidden, inner) for _ in range(self.layers)]
        self.norm = torch.ones(self.hidden, dtype=dtype)
        self.head_norm = torch.ones(self.dim, dtype=dtype)
        steps = torch.arange(0, self.dim, 2).float() / self.dim
        angles = torch.outer(torch.arange(positions).float(), config["rope_theta"] ** -steps)
        angles = torch.cat((angles, angles), -1)
        self.cos, self.sin = angles.cos().to(dtype), angles.sin().to(dtype)

    def clear_cache(self, batch, positions):
        shape = (batch, self.kv_heads, positions, self.dim)
        self.keys = [self.norm.new_zeros(shape) for _ in range(self.layers)]
        self.values = [self.norm.new_zeros(shape) for _ in range(self.layers)]

    def rms_norm(self, x, gain):
        scale = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = (scale * scale / x.shape[-1] + self.eps).rsqrt().to(x.dtype)
        return x * scale * gain

    def rotate(self, x, first):
        half = self.dim // 2
        turned = torch.cat((-x[..., half:], x[..., :half]), -1)
        last = first + x.shape[1]
        return x * self.cos[first:last, None] + turned * self.sin[first:last, None]

    def heads_of(self, x):
        """Queries, keys and values of the fused product, [batch, tokens, heads, dim]."""
        return x.view(*x.shape[:2], -1, self.dim).split(
            (self.heads, self.kv_heads, self.kv_heads), 2)

    def rotated(self, x, first):
        return self.rotate(self.rms_norm(x, self.head_norm), first)

    def mix(self, layer, q, k, v, first, mask):
        """Attention of new tokens at `first` over the cache, to which they are added."""
        batch, tokens = q.shape[:2]
        last = first + tokens
        self.keys[layer][:, :, first:last] = k.transpose(1, 2)
        self.values[layer][:, :, first:last] = v.transpose(1, 2)
        keys = self.keys[layer][:, :, :last].flatten(0, 1)
        values = self.values[layer][:, :, :last].flatten(0, 1)
        # Queries of one group side by side, so that its keys are read once.
        group = self.heads // self.kv_heads
        q = q.view(batch, tokens, self.kv_heads, group, self.dim).permute(0, 2, 3, 1, 4)
        q = q.reshape(batch * self.kv_heads, group * tokens, self.dim) * self.dim**-0.5
        if tokens == 1:  # oneDNN copies transposed keys that are part of a larger cache
            scores = torch.bmm(keys, q.transpose(1, 2)).transpose(1, 2)
        else:
            scores = torch.bmm(q, keys.transpose(1, 2))
            scores.view(-1, group, tokens, last).masked_fill_(mask, float("-inf"))
        mixed = torch.bmm(scores.softmax(-1), values)
        mixed = mixed.view(batch, self.kv_heads, group, tokens, self.dim).permute(0, 3, 1, 2, 4)
        return mixed.reshape(batch, tokens, -1)

    def linear(self, x, weight):
        return linear(x, weight)

    def attention(self, layer, x, first, mask):
        q, k, v = self.heads_of(self.linear(x, self.qkv[layer]))
        mixed = self.mix(layer, self.rotated(q, first), self.rotated(k, first), v, first, mask)
        return self.linear(mixed, self.out[layer])

    def step(self, tokens, first):
        """Next token of every sequence; `tokens` [batch, n] stand at positions first, first+1 ..."""
        count = tokens.shape[1]
        mask = torch.ones(count, first + count, dtype=torch.bool).triu_(first + 1)
        x = self.embedding[tokens]
        for layer in range(self.layers):
            x = x + self.attention(layer, self.rms_norm(x, self.norm), first, mask)
            gate, up = self.linear(self.rms_norm(x, self.norm), self.gate_up[layer]).chunk(2, -1)
            x = x + self.linear(silu(gate) * up, self.down[layer])
        logits = linear(self.rms_norm(x[:, -1], self.norm), self.embedding)
        return logits.argmax(-1, keepdim=True)


class Samples:
    """Times of one thing, and whether the operating system took a processor away meanwhile."""

    def __init__(self):
        self.undisturbed, self.all = [], []

    def take(self, call):
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        start = time.perf_counter()
        result = call()
        seconds = time.perf_counter() - start
        self.all.append(seconds)
        if resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw == switches:
            self.undisturbed.append(seconds)
        return result

    def typical(self):
        """Median of the undisturbed; of all if fewer than three are."""
        return statistics.median(self.undisturbed if len(self.undisturbed) >= 3 else self.all)


class WithoutProducts(Model):
    """The model `like` at one token, without its products: their results are at hand, but as many
    bytes as their weights have pass through the caches, and a product is called that is just large
    enough for oneDNN. What is left is host time and the small operators of a layer."""

    def __init__(self, like):  # pylint: disable=super-init-not-called
        self.__dict__.update(like.__dict__)
        self.embedding = like.embedding[:16].clone()
        self.results = {weights[0].shape[0]: like.norm.new_zeros(1, 1, weights[0].shape[0])
                        for weights in (like.qkv, like.out, like.gate_up, like.down)}
        self.small = like.norm.new_zeros(128, 64)  # PyTorch's own kernel has those below 16^3
        self.passing_seconds = 0

    def linear(self, x, weight):
        linear(x[..., :64], self.small)
        start = time.perf_counter()
        weight.view(torch.int16).max()
        self.passing_seconds += time.perf_counter() - start
        return self.results[weight.shape[0]]


def layer_overhead_seconds(like):
    """Of a layer at one token: a step without products and what passes through the caches."""
    model = WithoutProducts(like)
    model.clear_cache(1, 64)
    token = torch.zeros((1, 1), dtype=torch.long)
    seconds = []
    for i in range(20):
        model.passing_seconds = 0
        start = time.perf_counter()
        model.step(token, i)
        seconds.append(time.perf_counter() - start - model.passing_seconds)
    return statistics.median(seconds) / model.layers


class Counter(torch.utils._python_dispatch.TorchDispatchMode):
    """Counts the operators of a step, and the operands [byte] of those that are elementwise."""

    def __init__(self, tokens):
        super().__init__()
        self.operators, self.bytes = 0, 0
        self.tokens = tokens  # columns of the attention matrix, whose passes belong to attention

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        views = [r.alias_info is not None and not r.alias_info.is_write
                 for r in func._schema.returns]
        self.operators += 1
        operands = [x for x in (*args, result) if isinstance(x, torch.Tensor)]
        name = func.name()
        if "cat" in name or "index" in name:  # lists of parts, and rows of the whole embedding
            self.bytes += 2 * result.numel() * result.element_size()
        elif "mm" not in name and not any(views):
            if all(x.dim() == 0 or x.shape[-1] != self.tokens for x in operands):
                self.bytes += sum(x.numel() * x.element_size() for x in operands)
        return result


def count(model, tokens):
    counter = Counter(tokens.shape[1])
    with counter:
        model.step(tokens, 0)
    return counter


def measure(model, batch, prompt, outputs):
    """Seconds of the prompts and, median, of a decode step."""
    model.clear_cache(batch, prompt + outputs)
    tokens = torch.randint(0, model.embedding.shape[0], (batch, prompt))
    model.step(tokens, 0)  # touches the memory for the first time
    prefills, steps = Samples(), Samples()
    token = prefills.take(lambda: model.step(tokens, 0))
    for i in range(prompt, prompt + outputs - 1):
        token = steps.take(lambda: model.step(token, i))  # pylint: disable=cell-var-from-loop
    return prefills.typical(), steps.typical()


TUNED = {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
         "OMP_PROC_BIND": "true", "OMP_PLACES": "cores"}


def start_as_tuned():
    """Starts this program again as PyTorch's tuning guide asks: an allocator that hands no freed
    memory back (otherwise large activations are mapped and cleared anew in every operator), and
    threads that stay on their cores."""
    if any(name not in os.environ for name in TUNED):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **TUNED})


def is_done(command):
    """Runs what measures the machine in between; true if there is no more of it."""
    if command is None:
        return True
    untuned = {name: value for name, value in os.environ.items() if name not in TUNED}
    status = subprocess.run(command, shell=True, check=False, stdout=sys.stderr, env=untuned,
                            preexec_fn=lambda: os.sched_setaffinity(0, CORES)).returncode
    if status not in (0, UNFINISHED):
        sys.exit(f"exit status {status}: {command}")
    return status == 0


def visit_all(models, options):
    """Whole rounds over all runs, each of every model and then the command until that has ended:
    {model: {(batch, prompt): [(prefill, step), ...]}}, {model: [layer overhead, ...]}"""
    visits = {name: {} for name in models}
    overheads = {name: [] for name in models}
    done = False
    while not done:
        for batch in options.batches:
            for prompt in options.prompts:
                for name, model in models.items():
                    taken = measure(model, batch, prompt, options.outputs)
                    visits[name].setdefault((batch, prompt), []).append(taken)
                    print(name, batch, prompt, *taken, file=sys.stderr)
                done = done or is_done(options.between)
        for name, model in models.items():
            overheads[name].append(layer_overhead_seconds(model))
    return visits, overheads


def report(card, model, visits, overheads, outputs):
    model.clear_cache(1, COUNTED_PROMPT)
    counted = count(model, torch.zeros((1, COUNTED_PROMPT), dtype=torch.long))
    runs = [{"batch": batch, "prompt": prompt, "outputs": outputs,
             "prefill_s": [prefill for prefill, _ in taken], "step_s": [step for _, step in taken]}
            for (batch, prompt), taken in visits.items()]
    return {"card": card, "layers": model.layers, "operators_per_step": counted.operators,
            "elementwise_bytes": counted.bytes / COUNTED_PROMPT / model.layers,  # per token and layer
            "layer_overhead_s": overheads, "runs": runs}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", metavar="CONFIG CARD",
                        help="config.json of a model, and its card in microdc's catalog")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--prompts", type=int, nargs="+", default=[64, 256, 512])
    parser.add_argument("--outputs", type=int, default=24)
    parser.add_argument("--between", help="command to run after each run, until it exits with 0; "
                                          f"{UNFINISHED} is not yet")
    options = parser.parse_args()
    start_as_tuned()
    torch.set_num_threads(THREADS)
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    if len(options.models) % 2 != 0:
        parser.error("each CONFIG needs its CARD")
    models = {}
    for config, card in zip(options.models[::2], options.models[1::2]):
        with open(config, encoding="utf-8") as file:
            models[card] = Model(json.load(file), getattr(torch, options.dtype),
                                 max(COUNTED_PROMPT, *options.prompts) + options.outputs)
    visits, overheads = visit_all(models, options)
    json.dump({"torch": torch.__version__, "threads": THREADS, "dtype": options.dtype,
               "models": [report(card, model, visits[card], overheads[card], options.outputs)
                          for card, model in models.items()]}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
