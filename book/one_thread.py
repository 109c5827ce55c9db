"""What the process that workers are forked from imports first: libraries then begin with one thread."""

from book.workers import one_thread

one_thread()
