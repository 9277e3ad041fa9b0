"""What runs: web server, worker, commands, checks."""
