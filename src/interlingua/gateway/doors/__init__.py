"""The front doors: one module for each thing that can be asked of the gateway."""
