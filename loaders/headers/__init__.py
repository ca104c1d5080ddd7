"""Headers: what a sheet and its columns mean; mapping files; the template."""
