"""Measurements: `./dev bench NAME`. Figures on standard output, progress on standard error."""
