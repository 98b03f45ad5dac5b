"""The pages of attendance, one module per use; all on one blueprint."""
