"""What knows neither object types nor apps: errors, ids, the envelope, strict JSON, transactions, the databases' ways.

It may import `tenancy` and the framework, and nothing else of ours.
"""
