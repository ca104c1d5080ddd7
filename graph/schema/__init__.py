"""The schema as data: types and their properties, words in both languages, errors."""
