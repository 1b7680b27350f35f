"""The faces of a report: pure functions from the report to text that ends in one newline."""
