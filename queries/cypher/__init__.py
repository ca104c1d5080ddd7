"""Bundled Cypher texts and their parameters."""
