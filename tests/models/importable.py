"""Imports the big engines, also where torch was built for a CPU alone. Import this before anything of theirs."""

import os
import warnings

os.environ["PYANNOTE_METRICS_ENABLED"] = "false"

from tests.models.bare_cpu import prepare

prepare()
with warnings.catch_warnings():
    # What these packages warn of at import (deprecated names, no torchcodec) is not ours to mend.
    warnings.simplefilter("ignore")
    import nemo.collections.asr  # noqa: F401
    import pyannote.audio  # noqa: F401
