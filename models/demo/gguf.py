# SPDX-License-Identifier: Apache-2.0
"""The part of the GGUF format (version 3) that the demo model needs: writing, and reading back. Standard library only."""
import struct

U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # value types
TENSOR_F32, TENSOR_F16 = 0, 1                          # tensor types
ALIGNMENT = 32
SCALAR = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}


def _string(text):
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(kind, value):
    if kind == STRING:
        return _string(value)
    if kind == ARRAY:
        element, items = value
        return struct.pack("<IQ", element, len(items)) + b"".join(_value(element, item) for item in items)
    return struct.pack(SCALAR[kind], value)


def _padding(size):
    return b"\0" * (-size % ALIGNMENT)


def write(path, keys, tensors):
    """keys: (name, type, value); tensors: (name, shape with the fastest dimension last, type, bytes)."""
    out = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)))
    for name, kind, value in keys:
        out += _string(name) + struct.pack("<I", kind) + _value(kind, value)
    offset = 0
    for name, shape, kind, data in tensors:
        out += _string(name) + struct.pack("<I", len(shape))
        out += b"".join(struct.pack("<Q", n) for n in reversed(shape)) + struct.pack("<IQ", kind, offset)
        offset += len(data) + len(_padding(len(data)))
    out += _padding(len(out))
    for _, _, _, data in tensors:
        out += data + _padding(len(data))
    with open(path, "wb") as f:
        f.write(out)


def read(path):
    """Returns ({key: value}, {tensor: (shape with the fastest dimension last, type, bytes)})."""
    with open(path, "rb") as f:
        raw = f.read()
    position = 0

    def take(layout):
        nonlocal position
        values = struct.unpack_from(layout, raw, position)
        position += struct.calcsize(layout)
        return values if len(values) > 1 else values[0]

    def value(kind):
        nonlocal position
        if kind == STRING:
            size = take("<Q")
            position += size
            return raw[position - size:position].decode()
        if kind == ARRAY:
            element, count = take("<IQ")
            return [value(element) for _ in range(count)]
        return take(SCALAR[kind])

    if raw[:4] != b"GGUF":
        raise ValueError(f"{path} is no GGUF file")
    position = 4
    version, tensor_count, key_count = take("<IQQ")
    if version != 3:
        raise ValueError(f"{path} has GGUF version {version}, expected 3")
    keys = {}
    for _ in range(key_count):
        name = value(STRING)
        keys[name] = value(take("<I"))
    entries = []
    for _ in range(tensor_count):
        name = value(STRING)
        shape = [take("<Q") for _ in range(take("<I"))][::-1]
        entries.append((name, shape, *take("<IQ")))
    start = position + len(_padding(position))
    tensors = {}
    for name, shape, kind, offset in entries:
        size = {TENSOR_F32: 4, TENSOR_F16: 2}[kind]
        for n in shape:
            size *= n
        tensors[name] = (shape, kind, raw[start + offset:start + offset + size])
    return keys, tensors
