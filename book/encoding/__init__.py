"""From read columns to `Tables`: the one way that files and requests share, plain numpy."""
