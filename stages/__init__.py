"""What changes data: one file a stage, and the vocabulary they share."""

import os

# Every engine has one thread of its own. OpenBLAS would add a pool to each matrix product: measured on two cores, a
# tenth of all CPU went into its threads waiting for one another. It reads this when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
