"""Who may ask what: API keys, tokens of an identity provider, roles, limits. Knows no HTTP."""
