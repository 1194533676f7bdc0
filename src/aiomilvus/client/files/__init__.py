"""Files of rows: collections out and in, piece by piece, going on after an interruption."""
