"""Losses: whose loss breaks a chain, and what would change if."""
