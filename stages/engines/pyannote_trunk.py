"""pyannote hears each window anew for each of its speakers; here it is heard once, and voices told apart in that."""

from typing import Any


def share_trunk(pipeline: Any) -> bool:
    """Run the embedding network's convolutions once for each window; tell whether this network allows it.

    The pipeline hands it windows and masks in pairs, a window's pairs one after the other. The network hears a window
    as a whole and looks at the mask only in its last step, so the voiceprints stay the same.
    """
    network: Any = getattr(getattr(pipeline, "_embedding", None), "model_", None)
    if not (hasattr(network, "forward_frames") and hasattr(network, "forward_embedding")):
        return False
    network.forward = _Shared(network)
    # The batch size of the configuration now counts windows, as it does for the segmentation.
    pipeline.embedding_batch_size *= len(pipeline._segmentation.model.specifications.classes)  # noqa: SLF001
    return True


class _Shared:
    """The network's `forward`, for batches in which neighbours may be the same window."""

    def __init__(self, network: Any) -> None:
        self._network, self._plain = network, network.forward

    def __call__(self, waveforms: Any, weights: Any = None) -> Any:
        """Return voiceprints, shape (pairs, dimensions)."""
        import torch

        if weights is None or weights.dim() != 2:
            return self._plain(waveforms, weights=weights)
        new = torch.ones(len(waveforms), dtype=torch.bool, device=waveforms.device)
        new[1:] = (waveforms[1:] != waveforms[:-1]).flatten(1).any(dim=1)
        frames = self._network.forward_frames(waveforms[new])
        return self._network.forward_embedding(frames[new.cumsum(0) - 1], weights=weights)
