"""Recovery of hidden links: learned from the graph itself, explainable."""
