"""Scoring: what orders those who are able: criteria, weights, and how they are put together."""
