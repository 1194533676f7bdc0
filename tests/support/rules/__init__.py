"""A naive reading of filters, to hold the evaluator against."""
