"""Rows: a sheet's rows become record tables of nodes, relations and flows."""
