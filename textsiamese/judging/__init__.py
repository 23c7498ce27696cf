"""How good it is: numbers from scores and labels (no torch)."""
