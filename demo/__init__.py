"""What `manage.py load_demo` loads: two associations with a conference each. One file an area; the data is theirs."""
