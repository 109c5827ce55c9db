"""The command line of Loanwatch: one file per group of commands."""

from importlib.metadata import version

__version__ = version("loanwatch")
