"""From a batch of columns to acknowledged rows: checks, completion, log records, group commit."""
