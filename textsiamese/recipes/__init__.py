"""How each bundled twin was made: one script a twin, calling only the public API."""
