"""The chat's pages, one module per use; all on one blueprint."""
