"""`python -m interlingua.cli`, for where the command is not on the path."""

import sys

from interlingua.cli.entry import main

sys.exit(main())
