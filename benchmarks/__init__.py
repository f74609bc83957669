"""What is fast enough, measured side by side with what it is compared with."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is loaded
