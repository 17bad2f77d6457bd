#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a demo model's GGUF as a Hugging Face folder, which vLLM and others load. Standard library only.

usage: to_safetensors.py [--gguf demo.gguf] FOLDER

The weights are the same numbers, widened to float32. Two things differ between the formats: names, and the order of
the rows of q and k. llama.cpp rotates neighbouring pairs (2i, 2i+1), Hugging Face the two halves (i, i + r/2) of a
head of r rows; so within each head the even rows come first, then the odd ones.
"""
import argparse
import array
import json
import os
import struct
import sys

import gguf

NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
BLOCK_NAMES = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
               "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
               "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
UNKNOWN, CONTROL = 2, 3  # token types


def hugging_face_name(name):
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{BLOCK_NAMES[parts[2]]}.{parts[3]}"
    return f"{NAMES[parts[0]]}.{parts[1]}"


def floats(kind, data):
    """float32, little endian: the order of bytes on every machine that runs the engines."""
    if kind == gguf.TENSOR_F32:
        return array.array("f", data)
    return array.array("f", struct.unpack(f"<{len(data) // 2}e", data))


def halves_first(values, rows, heads):
    width, size = len(values) // rows, rows // heads
    out = array.array("f")
    for head in range(heads):
        for row in [*range(0, size, 2), *range(1, size, 2)]:
            at = (head * size + row) * width
            out.extend(values[at:at + width])
    return out


def write_safetensors(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (shape, values) in tensors.items():
        size = 4 * len(values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, values in tensors.values():
            f.write(values.tobytes())


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write("\n")


def config(keys):
    heads, width = keys["llama.attention.head_count"], keys["llama.embedding_length"]
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32",
        "vocab_size": len(keys["tokenizer.ggml.tokens"]), "hidden_size": width,
        "intermediate_size": keys["llama.feed_forward_length"], "num_hidden_layers": keys["llama.block_count"],
        "num_attention_heads": heads, "num_key_value_heads": heads, "head_dim": width // heads,
        "hidden_act": "silu", "rms_norm_eps": keys["llama.attention.layer_norm_rms_epsilon"],
        "rope_theta": keys.get("llama.rope.freq_base", 10000.0),
        "max_position_embeddings": keys["llama.context_length"], "attention_bias": False, "mlp_bias": False,
        "tie_word_embeddings": False,
        "bos_token_id": keys["tokenizer.ggml.bos_token_id"], "eos_token_id": keys["tokenizer.ggml.eos_token_id"],
    }


def tokenizer(keys):
    tokens, types = keys["tokenizer.ggml.tokens"], keys["tokenizer.ggml.token_type"]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    return {
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None,
        "added_tokens": [
            {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
            for i, (token, kind) in enumerate(zip(tokens, types)) if kind in (UNKNOWN, CONTROL)],
        "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {token: i for i, token in enumerate(tokens)}, "merges": keys["tokenizer.ggml.merges"]},
    }


def tokenizer_config(keys):
    tokens = keys["tokenizer.ggml.tokens"]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, "add_bos_token": False,
        "bos_token": tokens[keys["tokenizer.ggml.bos_token_id"]], "eos_token": tokens[keys["tokenizer.ggml.eos_token_id"]],
        "unk_token": tokens[0], "model_max_length": keys["llama.context_length"],
        "chat_template": keys["tokenizer.chat_template"],
    }


def convert(source, folder):
    keys, weights = gguf.read(source)
    heads, tensors = keys["llama.attention.head_count"], {}
    for name, (shape, kind, data) in weights.items():
        values = floats(kind, data)
        if ".attn_q." in name or ".attn_k." in name:
            values = halves_first(values, shape[0], heads)
        tensors[hugging_face_name(name)] = (shape, values)
    os.makedirs(folder, exist_ok=True)
    write_safetensors(os.path.join(folder, "model.safetensors"), tensors)
    write_json(os.path.join(folder, "config.json"), config(keys))
    write_json(os.path.join(folder, "tokenizer.json"), tokenizer(keys))
    write_json(os.path.join(folder, "tokenizer_config.json"), tokenizer_config(keys))


def main():
    if sys.byteorder != "little":
        sys.exit("error: to_safetensors.py runs on little-endian machines only")
    here = os.path.dirname(os.path.abspath(__file__))
    options = argparse.ArgumentParser(description="write the demo model as a Hugging Face folder")
    options.add_argument("--gguf", default=os.path.join(here, "demo.gguf"))
    options.add_argument("folder")
    options = options.parse_args()
    convert(options.gguf, options.folder)
    print(f"to_safetensors: wrote {options.folder}")


if __name__ == "__main__":
    main()
