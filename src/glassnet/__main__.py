"""`python -m glassnet`: the command line where the `glassnet` script is not on the path."""

import sys

from glassnet.cli import main

sys.exit(main())
