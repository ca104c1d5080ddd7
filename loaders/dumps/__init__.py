"""Dumps: data sets in a form of their own, one module each."""
