"""V1 and V2, served by V3: requests and answers are translated, nothing else. No other app knows of this one.

It is removed by deleting this folder, its line in aether/urls.py and its line in INSTALLED_APPS.
"""
