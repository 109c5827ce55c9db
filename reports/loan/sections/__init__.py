"""The parts of a loan's report, one file each: from the facts of a view to blocks of finished text."""
