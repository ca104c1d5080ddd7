"""Quality of the data: doubles, contradictions, differences, sources."""
