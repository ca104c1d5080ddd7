"""What people see: pages, workbooks, documents, and lines in the terminal."""
