"""How do numbers become a probability, and why?"""

from book import kernel_cache as _kernel_cache  # noqa: F401
