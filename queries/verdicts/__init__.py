"""Verdicts: the status of links in places, and the evidence behind it."""
