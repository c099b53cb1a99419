"""Neural networks of glass."""
