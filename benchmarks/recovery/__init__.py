"""Recovering hidden links: what only the yardsticks use, learned vectors and trees."""
