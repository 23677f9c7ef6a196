"""Spreadsheets → objects, by the rules of the API. `plan.plan_import` is where it begins."""
