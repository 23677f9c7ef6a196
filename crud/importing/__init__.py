"""Spreadsheets → objects, by the rules of the API. `crud.importing.plan.read` is where it begins."""
