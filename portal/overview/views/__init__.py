"""The pages that put several features side by side, one module per use; all on one blueprint."""
