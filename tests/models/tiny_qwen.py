"""A folder with a tiny random Qwen3-VL as the hub has it: configuration, weights, tokenizer, processor, template."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from tests.models.tiny_gguf import byte_level

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")
VIDEO = "<|video_pad|>"
TRAINED = 8192
"""Tokens that the model was made for."""
MARKS = ("<tool_call>", "</tool_call>")
TEMPLATE = """\
{%- if tools %}<|im_start|>system
Tools: {% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}
{%- for part in message.content %}
{%- if part.type == "text" %}{{ part.text }}{% else %}<|vision_start|><|image_pad|><|vision_end|>{% endif %}
{%- endfor %}{% endif %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def build(folder: Path) -> None:
    """Write the folder."""
    from transformers import AutoConfig, PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration

    made = _tokenizer()
    size = made.get_vocab_size()
    ids = {name: made.token_to_id(name) for name in (*SPECIAL, VIDEO)}
    text = {
        "model_type": "qwen3_vl_text",
        "vocab_size": size,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "max_position_embeddings": TRAINED,
        "rope_scaling": {"rope_type": "default", "mrope_section": [6, 5, 5], "mrope_interleaved": True},
    }
    vision = {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_heads": 2,
        "patch_size": 16,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": 64,
        "num_position_embeddings": 256,
        "deepstack_visual_indexes": [0],
    }
    config = AutoConfig.for_model(
        "qwen3_vl",
        text_config=text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids[VIDEO],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )
    torch.manual_seed(5)
    Qwen3VLForConditionalGeneration(config).to(torch.float32).save_pretrained(folder)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=[*SPECIAL[1:], VIDEO],
        chat_template=TEMPLATE,
    )
    fast.save_pretrained(folder)
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    _write_processor(folder)


def _write_processor(folder: Path) -> None:
    shared = {
        "patch_size": 16,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "size": {"shortest_edge": 1024, "longest_edge": 65536},
        "processor_class": "Qwen3VLProcessor",
    }
    image = {**shared, "image_processor_type": "Qwen2VLImageProcessorFast"}
    (folder / "preprocessor_config.json").write_text(json.dumps(image))
    video = {**shared, "video_processor_type": "Qwen3VLVideoProcessor"}
    (folder / "video_preprocessor_config.json").write_text(json.dumps(video))


def _tokenizer() -> Tokenizer:
    made = byte_level()
    made.add_special_tokens([*SPECIAL, VIDEO])
    made.add_tokens(list(MARKS))
    return made
