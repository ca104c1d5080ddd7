"""Attach (挂链): from a firm's own words to the links of a chain, with evidence and tiers."""
