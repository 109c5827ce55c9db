"""The report of one loan: facts of a score and of its decision, what they say, the page and the sheet."""
