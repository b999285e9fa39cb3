"""The embedding network opened in both formats."""

import numpy as np
import onnxruntime

from stages.engines.community_weights import find, read
from stages.engines.ort_format import as_onnx


def test_the_same_voice_in_both_formats() -> None:
    network = read(find()).embedding
    features = np.random.default_rng(0).normal(size=(1, 60, 80)).astype(np.float32)
    inputs = {"fbank": features, "weights": np.ones((1, 60), np.float32)}
    before, after = (
        onnxruntime.InferenceSession(each, providers=["CPUExecutionProvider"]).run(None, inputs)[0]
        for each in (network, as_onnx(network))
    )
    np.testing.assert_allclose(after, before, atol=1e-5)
    assert np.abs(before).max() > 0.01
