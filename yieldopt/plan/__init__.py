"""The plan record, its JSON, and the judge."""
