"""The rules of attendance, one module per question."""
