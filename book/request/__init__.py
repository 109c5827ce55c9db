"""Requests: one borrower's tables as JSON, or rows in memory, become the same tables as a file."""

from book.request.decode import Request, decode, decode_batch
from book.request.example import example
from book.request.rows import tables_from_rows
from book.request.schema import request_schema

__all__ = ["Request", "decode", "decode_batch", "example", "request_schema", "tables_from_rows"]
