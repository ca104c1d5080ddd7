"""Documents: a policy's text becomes clauses, targets and mentions."""
