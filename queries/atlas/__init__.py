"""What all questions share: the opened graph, places, makers, availability, coverage, facts."""
