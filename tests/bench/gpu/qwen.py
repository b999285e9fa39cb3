"""Qwen3-VL by transformers, which is not vLLM: tokens a second and time to the first one, with and without an image.

All requests of a batch come and go together and nothing is compiled: what vLLM reaches on the same card is higher.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from tests.bench.gpu.timing import Bench

CONCURRENT = (1, 8, 32)
PROMPT, ANSWER = 512, 128
"""Tokens of a request and of what is said to it."""
GRID = 28
"""Patches of an image in each direction, before four become one: 448 pixels."""

VISION = {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "num_heads": 16}
SIZES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "8b": (
        {"hidden_size": 4096, "intermediate_size": 12_288, "num_hidden_layers": 36, "num_key_value_heads": 8},
        {**VISION, "out_hidden_size": 4096},
    ),
    "30b-a3b": (
        {"hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 48, "num_key_value_heads": 4}
        | {"moe_intermediate_size": 768, "num_experts": 128, "num_experts_per_tok": 8, "tie_word_embeddings": False},
        {**VISION, "out_hidden_size": 2048},
    ),
    "tiny": (
        {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4, "num_key_value_heads": 2}
        | {"num_attention_heads": 4, "head_dim": 8, "vocab_size": 512},
        {"depth": 4, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32}
        | {"num_position_embeddings": 64, "deepstack_visual_indexes": [0, 1, 2]},
    ),
}
"""Text and vision of each. Source: config.json of Qwen3-VL-8B-Instruct and Qwen3-VL-30B-A3B-Instruct."""


def build(bench: Bench) -> Any:
    """Return the model, on its device."""
    torch.manual_seed(7)
    with torch.device(bench.device):
        return network(bench.qwen if bench.real else "tiny", torch.bfloat16 if bench.real else torch.float32).eval()


def network(name: str, dtype: torch.dtype = torch.bfloat16) -> Any:
    """Return a model with random weights."""
    import transformers

    text, vision = SIZES[name]
    real = name != "tiny"
    sections = [24, 20, 20] if real else [2, 1, 1]
    rope = {"rope_type": "default", "rope_theta": 5_000_000.0, "mrope_section": sections, "mrope_interleaved": True}
    text = {"num_attention_heads": 32, "head_dim": 128, "max_position_embeddings": 262_144} | text
    special = {} if real else {"image_token_id": 510, "video_token_id": 511}
    kind = "Qwen3VLMoe" if "num_experts" in text else "Qwen3VL"
    config = getattr(transformers, f"{kind}Config")(
        text_config=text | {"rope_parameters": rope}, vision_config=vision, **special
    )
    made = getattr(transformers, f"{kind}ForConditionalGeneration")
    return made._from_config(config, dtype=dtype, attn_implementation="sdpa")


def request(bench: Bench, model: Any, count: int, image: bool = False) -> dict[str, torch.Tensor]:
    """Return so many requests of random tokens."""
    torch.manual_seed(count)
    tokens = torch.randint(1, 500, (count, PROMPT), device=bench.device)
    asked = {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}
    if image:
        vision = model.config.vision_config
        seen = (GRID // vision.spatial_merge_size) ** 2
        tokens[:, 8 : 8 + seen] = model.config.image_token_id
        width = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
        pixels = torch.randn(count * GRID * GRID, width, device=bench.device, dtype=model.dtype)
        grid = torch.tensor([[1, GRID, GRID]] * count, device=bench.device)
        kinds = (tokens == model.config.image_token_id).int()
        asked |= {"pixel_values": pixels, "image_grid_thw": grid, "mm_token_type_ids": kinds}
    return asked


def answer(model: Any, asked: Mapping[str, torch.Tensor], length: int) -> int:
    """Say so many tokens to each request, and return how many these are."""
    with torch.inference_mode():
        said = model.generate(
            **asked, min_new_tokens=length, max_new_tokens=length, do_sample=False, pad_token_id=0, eos_token_id=None
        )
    assert said.shape[1] == PROMPT + length
    return int(said.shape[0]) * length


def measure(bench: Bench) -> Iterator[str]:
    """Yield figures as they are found."""
    model = build(bench)
    weights = sum(weight.numel() for weight in model.parameters())
    yield f"qwen3-vl {bench.qwen} (transformers): {weights / 1e9:.1f} billion weights, {bench.held():.1f} GiB"
    for count in CONCURRENT if bench.real else CONCURRENT[:2]:
        for image in (False, True):
            asked = request(bench, model, count, image)
            first = bench.seconds(lambda asked=asked: answer(model, asked, 1))  # type: ignore[misc]
            whole = bench.seconds(lambda asked=asked: answer(model, asked, ANSWER))  # type: ignore[misc]
            asking = f"{count:>2} at once{', each with an image' * image}"
            yield (
                f"qwen3-vl {bench.qwen} (transformers), {asking}: first token "
                f"after {1000 * first:.0f} ms, then {count * (ANSWER - 1) / (whole - first):,.0f} tokens/s"
            )
