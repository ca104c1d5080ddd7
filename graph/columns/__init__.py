"""Columns: Arrow tables and arrays that every step of the way hands on, and what is done with them."""
