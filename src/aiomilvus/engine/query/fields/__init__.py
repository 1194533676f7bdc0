"""Values of the rows that were found: output fields, and what rows are sorted or grouped by."""
