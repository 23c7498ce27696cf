"""What it does for you: streamed scoring of tables."""
