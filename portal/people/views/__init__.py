"""The pages about people: getting in, being found and reached, and what an admin sets up."""
