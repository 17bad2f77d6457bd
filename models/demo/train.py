#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train the demo model and write it as GGUF (needs PyTorch 2.13; see README.md for a ready environment).

usage: train.py [--steps N] [--out demo.gguf]

Llama architecture, byte-level vocabulary, ChatML template. The seed is fixed and one thread is used: on one kind of
processor the same file comes out again, bit for bit. Loss is taken on the answers only.
"""
import argparse
import math
import os
import random
import time

# Before torch is loaded: the same kernels on every x86 processor with AVX2, not the newest that each one has.
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")
os.environ.setdefault("MKL_CBWR", "AVX2")

import torch
import torch.nn as nn
import torch.nn.functional as F

import data
import gguf

SEED = 20261125
DIM, LAYERS, HEADS, HIDDEN = 160, 5, 5, 448
HEAD = DIM // HEADS
CONTEXT = 2048              # what the file promises; training sees conversations up to LONGEST
LONGEST = 1200
BATCH_TOKENS = 4096         # tokens in a batch, padding included
LEARNING_RATE, WARM_UP = 2e-3, 60
EPSILON, ROPE_BASE = 1e-5, 10000.0

SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
START, END = 3, 4
VOCABULARY = len(SPECIAL) + 256
TEMPLATE = ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
            "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


# -- text ----------------------------------------------------------------------------------------------------------

def encode(text):
    return [len(SPECIAL) + byte for byte in text.encode()]


def turn(role, text):
    return [START] + encode(role + "\n" + text) + [END] + encode("\n")


def as_typed(rng, question):
    """A person's spelling: sometimes without capitals, sometimes without the last mark."""
    if rng.random() < .2:
        question = question.lower()
    if rng.random() < .2:
        question = question.rstrip("?!.") or question
    return question


def unknown_word(rng):
    kind = rng.random()
    if kind < .65:
        return rng.choice(data.WORDS)
    if kind < .8:
        return str(rng.randint(0, 10 ** rng.randint(1, 5)))
    word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 9)))
    return word.capitalize() if rng.random() < .3 else word


def known():
    """Every question the model must answer word for word, with its answer."""
    table = {question: answer for questions, answer in data.FACTS for question in questions}
    for country, city in data.CAPITALS.items():
        for question in data.CAPITAL_QUESTIONS:
            table[question.format(country)] = data.CAPITAL_ANSWER.format(country, city)
    return table


KNOWN = known()
PLAIN = {question.lower().rstrip("?!.") for question in KNOWN}


def exchange(rng):
    kind = rng.random()
    if kind < .35:
        country = rng.choice(list(data.CAPITALS))
        question = rng.choice(data.CAPITAL_QUESTIONS).format(country)
        return as_typed(rng, question), data.CAPITAL_ANSWER.format(country, data.CAPITALS[country])
    if kind < .85:
        questions, answer = rng.choice(data.FACTS)
        return as_typed(rng, rng.choice(questions)), answer
    while True:
        template = rng.choice(data.UNKNOWN_QUESTIONS)
        question = template.format(*(unknown_word(rng) for _ in range(template.count("{}"))))
        if question.lower().rstrip("?!.") not in PLAIN:
            return as_typed(rng, question[0].upper() + question[1:] if rng.random() < .7 else question), data.FALLBACK


def conversation(rng):
    """Returns (tokens, True where a token is part of an answer)."""
    tokens = []
    if rng.random() < .3:
        system = rng.choice(data.SYSTEM)
        if rng.random() < .3:
            system = " ".join(rng.choice(data.WORDS) for _ in range(rng.randint(2, 8)))
        tokens += turn("system", system)
    answers = [False] * len(tokens)
    turns = rng.choice([1, 1, 1, 1, 1, 2, 2, 3, 4, 6])
    for _ in range(turns):
        question, answer = exchange(rng)
        asked = turn("user", question) + [START] + encode("assistant\n")
        answered = encode(answer) + [END]
        if tokens and len(tokens) + len(asked) + len(answered) > LONGEST:
            break
        tokens += asked + answered + encode("\n")
        answers += [False] * len(asked) + [True] * len(answered) + [False]
    return tokens, answers


def batches(rng):
    """Yields (input, target), conversations of like length together so that little is padding."""
    while True:
        pool = sorted((conversation(rng) for _ in range(512)), key=lambda c: len(c[0]))
        groups, group = [], []
        for item in pool:
            if group and (len(group) + 1) * len(item[0]) > BATCH_TOKENS:
                groups.append(group)
                group = []
            group.append(item)
        groups.append(group)
        rng.shuffle(groups)
        for group in groups:
            width = max(len(tokens) for tokens, _ in group) - 1
            given = torch.zeros(len(group), width, dtype=torch.long)
            target = torch.full((len(group), width), -100)
            for row, (tokens, answers) in enumerate(group):
                n = len(tokens) - 1
                given[row, :n] = torch.tensor(tokens[:-1])
                wanted = [t if a else -100 for t, a in zip(tokens[1:], answers[1:])]
                target[row, :n] = torch.tensor(wanted)
            yield given, target


# -- model ---------------------------------------------------------------------------------------------------------

def rotate(x, cos, sin):
    """Rotary positions on interleaved pairs, as llama.cpp has them."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        def linear(a, b):
            return nn.Linear(a, b, bias=False)
        self.attn_norm, self.ffn_norm = nn.RMSNorm(DIM, eps=EPSILON), nn.RMSNorm(DIM, eps=EPSILON)
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (linear(DIM, DIM) for _ in range(4))
        self.ffn_gate, self.ffn_up, self.ffn_down = linear(DIM, HIDDEN), linear(DIM, HIDDEN), linear(HIDDEN, DIM)

    def forward(self, x, cos, sin):
        batch, length, _ = x.shape
        h = self.attn_norm(x)
        q, k, v = (part(h).view(batch, length, HEADS, HEAD).transpose(1, 2)
                   for part in (self.attn_q, self.attn_k, self.attn_v))
        a = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True)
        x = x + self.attn_output(a.transpose(1, 2).reshape(batch, length, DIM))
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Model(nn.Module):
    """Names follow GGUF's, so that writing the file is a walk over the parameters."""

    def __init__(self):
        super().__init__()
        self.token_embd = nn.Embedding(VOCABULARY, DIM)
        self.blk = nn.ModuleList(Block() for _ in range(LAYERS))
        self.output_norm = nn.RMSNorm(DIM, eps=EPSILON)
        self.output = nn.Linear(DIM, VOCABULARY, bias=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, 0, .04)
        angle = torch.arange(CONTEXT)[:, None] * ROPE_BASE ** (-torch.arange(0, HEAD, 2) / HEAD)
        self.cos, self.sin = angle.cos(), angle.sin()

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, self.cos[:length], self.sin[:length])
        return self.output(self.output_norm(x))


def train(model, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(.9, .98), weight_decay=.01)
    begin, seen, average = time.time(), 0, None
    for step, (given, target) in zip(range(steps), batches(random.Random(SEED))):
        rate = LEARNING_RATE * min(1, (step + 1) / WARM_UP) * (.5 * (1 + math.cos(math.pi * step / steps)) * .98 + .02)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = F.cross_entropy(model(given).flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seen += given.numel()
        average = loss.item() if average is None else .95 * average + .05 * loss.item()
        if step % 50 == 49 or step == steps - 1:
            spent = time.time() - begin
            print(f"train: step {step + 1}/{steps} loss {average:.4f} {seen / spent:.0f} tok/s {spent:.0f} s", flush=True)


def wrong_answers(model):
    """The known questions whose answer is not the model's first choice, token for token."""
    wrong = []
    with torch.no_grad():
        for question, answer in KNOWN.items():
            asked = turn("user", question) + [START] + encode("assistant\n")
            answered = encode(answer) + [END]
            best = model(torch.tensor([asked + answered[:-1]]))[0, len(asked) - 1:].argmax(-1).tolist()
            if best != answered:
                wrong.append(question)
    return wrong


# -- file ----------------------------------------------------------------------------------------------------------

def printable_bytes():
    """GPT-2's mapping of bytes to printable characters: how byte tokens are spelled in the file."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(others)) for byte in range(256)]


def save(model, path):
    unknown, control, normal = 2, 3, 1
    keys = [
        ("general.architecture", gguf.STRING, "llama"),
        ("general.name", gguf.STRING, "openpcc-demo"),
        ("general.license", gguf.STRING, "apache-2.0"),
        ("llama.context_length", gguf.U32, CONTEXT),
        ("llama.embedding_length", gguf.U32, DIM),
        ("llama.block_count", gguf.U32, LAYERS),
        ("llama.feed_forward_length", gguf.U32, HIDDEN),
        ("llama.attention.head_count", gguf.U32, HEADS),
        ("llama.attention.layer_norm_rms_epsilon", gguf.F32, EPSILON),
        ("llama.rope.freq_base", gguf.F32, ROPE_BASE),
        ("tokenizer.ggml.model", gguf.STRING, "gpt2"),
        ("tokenizer.ggml.pre", gguf.STRING, "default"),
        ("tokenizer.ggml.tokens", gguf.ARRAY, (gguf.STRING, SPECIAL + printable_bytes())),
        ("tokenizer.ggml.token_type", gguf.ARRAY, (gguf.I32, [unknown] + [control] * 4 + [normal] * 256)),
        ("tokenizer.ggml.merges", gguf.ARRAY, (gguf.STRING, [])),
        ("tokenizer.ggml.bos_token_id", gguf.U32, 1),
        ("tokenizer.ggml.eos_token_id", gguf.U32, END),
        ("tokenizer.ggml.add_bos_token", gguf.BOOL, False),
        ("tokenizer.chat_template", gguf.STRING, TEMPLATE),
    ]
    tensors = []
    for name, weight in model.state_dict().items():
        if weight.dim() == 1:  # llama.cpp wants norms in full precision
            tensors.append((name, list(weight.shape), gguf.TENSOR_F32, weight.float().numpy().tobytes()))
        else:
            tensors.append((name, list(weight.shape), gguf.TENSOR_F16, weight.half().numpy().tobytes()))
    gguf.write(path, keys, tensors)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    options = argparse.ArgumentParser(description="train the demo model")
    options.add_argument("--steps", type=int, default=1800)
    options.add_argument("--out", default=os.path.join(here, "demo.gguf"))
    options = options.parse_args()

    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    model = Model()
    print(f"train: {sum(p.numel() for p in model.parameters())} weights, {len(KNOWN)} known questions", flush=True)
    train(model, options.steps)
    with torch.no_grad():  # judge what the file holds: matrices in half precision
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.copy_(parameter.half().float())
    save(model, options.out)
    wrong = wrong_answers(model)
    print(f"train: wrote {options.out}, {len(KNOWN) - len(wrong)} of {len(KNOWN)} answers word-perfect", flush=True)
    for question in wrong:
        print(f"train: wrong: {question}")


if __name__ == "__main__":
    main()
