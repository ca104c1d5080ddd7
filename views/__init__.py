"""The views room: what people see; takes Results and Snapshots, asks no file and no store."""
