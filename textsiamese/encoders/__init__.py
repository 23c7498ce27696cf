"""What computes a vector: plain torch modules and their vocabularies."""
