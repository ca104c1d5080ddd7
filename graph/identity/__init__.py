"""Identity: when two rows speak of one entity — names, codes, what people decided."""
