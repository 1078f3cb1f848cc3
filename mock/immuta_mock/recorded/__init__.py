"""Makes the state of a mock out of what was recorded of a tenant."""
