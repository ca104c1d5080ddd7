"""Resources along chains: platforms, alliances, funds, technologies, patents."""
