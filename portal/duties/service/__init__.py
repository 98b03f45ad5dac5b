"""What one can do with duties: read them (reading), answer them (receipts), write them down (decisions)."""
