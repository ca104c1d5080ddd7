"""Fold: from loads and judgements to the current graph."""
