"""Files: bytes become raw sheets of text, with the row numbers people see."""
