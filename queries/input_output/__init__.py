"""Input–output tables: position of sectors and products."""
