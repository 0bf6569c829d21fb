"""The HTTP service: its own server, the front doors, who may come in, and how it starts and stops."""
