"""Places and clusters: what is near, how others do, targets."""
