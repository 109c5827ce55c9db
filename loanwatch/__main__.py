"""`python -m loanwatch` is the `loanwatch` command."""

from loanwatch.main import main

main()
