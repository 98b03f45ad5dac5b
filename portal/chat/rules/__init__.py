"""The chat's rules, one module per question."""
