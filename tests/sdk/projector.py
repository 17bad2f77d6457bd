# SPDX-License-Identifier: Apache-2.0
"""What else the demo's engine can be made to do, for tests of how it travels: eyes, by a projector of random weights (what it
sees is noise, but the same noise for the same picture), and embeddings."""

import contextlib
import pathlib
import random
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "models/demo"))

import gguf  # noqa: E402

SIDE, PATCH, WIDTH, INNER, BLOCKS, MODEL = 28, 14, 32, 64, 2, 160


def write(path):
    source = random.Random(1)

    def tensor(name, *shape, start=0.0, spread=0.2):
        count = 1
        for size in shape:
            count *= size
        return name, list(shape), gguf.TENSOR_F32, struct.pack(f"<{count}f", *(start + source.uniform(-spread, spread) for _ in range(count)))

    def layer(name, rows, columns):
        return [tensor(name + ".weight", rows, columns), tensor(name + ".bias", rows)]

    def norm(name):
        return [tensor(name + ".weight", WIDTH, start=1.0), tensor(name + ".bias", WIDTH)]

    tensors = [tensor("v.patch_embd.weight", WIDTH, 3, PATCH, PATCH), tensor("v.position_embd.weight", (SIDE // PATCH) ** 2, WIDTH)]
    for block in range(BLOCKS):
        at = f"v.blk.{block}."
        tensors += norm(at + "ln1") + norm(at + "ln2")
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            tensors += layer(at + name, WIDTH, WIDTH)
        tensors += layer(at + "ffn_up", INNER, WIDTH) + layer(at + "ffn_down", WIDTH, INNER)
    tensors += norm("v.pre_ln") + norm("v.post_ln") + layer("mm.0", MODEL, WIDTH) + layer("mm.2", MODEL, MODEL)
    numbers = {"image_size": SIDE, "patch_size": PATCH, "embedding_length": WIDTH, "feed_forward_length": INNER,
               "projection_dim": MODEL, "block_count": BLOCKS, "attention.head_count": 2}
    keys = [("general.architecture", gguf.STRING, "clip"), ("general.name", gguf.STRING, "eyes"),
            ("clip.has_vision_encoder", gguf.BOOL, True), ("clip.projector_type", gguf.STRING, "mlp"),
            ("clip.use_gelu", gguf.BOOL, True), *(("clip.vision." + name, gguf.U32, value) for name, value in numbers.items()),
            ("clip.vision.attention.layer_norm_epsilon", gguf.F32, 1e-5),
            ("clip.vision.image_mean", gguf.ARRAY, (gguf.F32, [0.5] * 3)), ("clip.vision.image_std", gguf.ARRAY, (gguf.F32, [0.5] * 3))]
    gguf.write(path, keys, tensors)


@contextlib.contextmanager
def abilities():
    """Lines for a node's table [engine]."""
    with tempfile.TemporaryDirectory(prefix="openpcc-eyes-") as folder:
        write(f"{folder}/eyes.gguf")
        yield f'embeddings = "mean"\nimages = 2\nprojector = "{folder}/eyes.gguf"'
