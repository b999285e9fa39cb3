"""Read by every Python that vLLM starts in the tests: those that import torch need what the tests themselves need."""

import sys

if "resource_tracker" not in " ".join(sys.orig_argv):
    from tests.models.bare_cpu import prepare

    prepare()
