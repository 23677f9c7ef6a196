"""XLSX workbooks as a person sees them: merged cells, number formats, visible sheets. Knows nothing of object types."""
