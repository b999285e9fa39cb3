"""What a card holds."""

import gc


def allocated() -> int:
    """Return the bytes that torch holds on the card after everything that can go has gone."""
    import torch

    gc.collect()
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    return int(torch.cuda.memory_allocated())


GIB = 1 << 30
SLACK = 256 << 20
"""Bytes that libraries keep for themselves once they have worked (workspaces of cuBLAS and cuDNN)."""
