"""The command line of Loanwatch: one file per group of commands."""

__version__ = "0.1.0"
