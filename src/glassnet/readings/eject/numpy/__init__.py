"""A network as a Python file that needs NumPy alone."""
