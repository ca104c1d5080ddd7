"""链图 ChainAtlas."""
