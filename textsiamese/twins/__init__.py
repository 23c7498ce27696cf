"""What pairs them up: two towers, a similarity and a decision."""
