"""What goes in: tables of pairs, read whole or in chunks (no torch)."""
