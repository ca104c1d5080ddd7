"""The loaders room: files become batches. read → clean → validate → records; nothing is dropped silently."""
