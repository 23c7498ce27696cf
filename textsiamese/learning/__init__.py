"""How it learns: losses, miners, batches and the one training path."""
