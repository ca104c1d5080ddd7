"""Gaps: chains and their broken or thin links, ordered by urgency."""
