"""What was known of a loan on a date, as numbers?"""

from book import kernel_cache as _kernel_cache  # noqa: F401
