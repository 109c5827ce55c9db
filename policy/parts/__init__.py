"""The kinds of policy file: what each holds and how it is read."""
