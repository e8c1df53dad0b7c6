"""Documents written from the live schema and the declarations of the apps, so that they cannot go stale.

`manage.py write_docs` writes them, `manage.py write_docs --check` names those that differ.
"""
