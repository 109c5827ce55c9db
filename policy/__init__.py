"""What follows from a probability: grade, tier, class, alert, action?"""

from book import kernel_cache as _kernel_cache  # noqa: F401
