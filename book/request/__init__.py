"""Requests: one borrower's tables as JSON, or rows in memory, become the same tables as a file."""

from book.request.decode import Request, decode, decode_batch
from book.request.rows import tables_from_rows

__all__ = ["Request", "decode", "decode_batch", "tables_from_rows"]
