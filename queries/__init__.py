"""The queries room: one question a module, pure functions on a Snapshot that return a Result."""
