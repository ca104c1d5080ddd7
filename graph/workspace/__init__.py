"""The workspace on disk: journal of loads, lock of the writer, snapshot for questions."""
