"""The scripts that make the references hold no tests, and import each other as scripts do."""

collect_ignore_glob = ["certify*.py"]
