"""What stands between a request and a view: rights, errors, headers, templates, assets."""
