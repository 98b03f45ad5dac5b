"""Plain-language pages that are about nobody in particular."""
