"""The live connection: who may open it, what it may ask, and how it is closed."""
