"""What does the lender know, and since when?"""

from book import kernel_cache as _kernel_cache  # noqa: F401
