"""What stands behind a client: an engine in this process (`embedded`), or a server (`remote`)."""
