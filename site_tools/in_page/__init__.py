"""Programs that run in the page: MicroPython for them, and how they are shown."""
