"""`python -m loanwatch.pages FOLDER` writes the generated pages there."""

import sys
from pathlib import Path

from loanwatch.pages import write

write(Path(sys.argv[1]))
