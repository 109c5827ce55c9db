"""The rows behind a reason: what was due, paid, booked or reported, from which the value was made."""
