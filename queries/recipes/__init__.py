"""Recipes: what the recipe of a link probably lacks, from all product graphs that are loaded."""
