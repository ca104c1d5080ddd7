"""Values: cells become typed values — numbers, dates, codes, amounts, places."""
