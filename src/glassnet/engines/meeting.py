"""Where the threads of a team meet: places in a vector of whole numbers that all of them see.

Those that different threads write to lie in different lines of the processor's cache.
"""

from __future__ import annotations

THREADS, BEGUN, ARRIVED, ROUND, BUFFERS = 0, 16, 32, 48, 64
CALLED_OFF = -1  # at `BEGUN`: the first thread does not come; at `ROUND`: one has left, nobody waits for it any more
