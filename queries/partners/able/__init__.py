"""Able: the ways of being able, each by itself: own words, what stands next to a link, kin."""
