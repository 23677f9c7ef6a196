"""Objects as tables: exports to CSV and XLSX, imports from them."""
