"""Spreadsheets → objects, by the rules of the API. `crud.tables.importing.plan.read` is where it begins."""
