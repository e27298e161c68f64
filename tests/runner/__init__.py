"""What tests/run is made of: execute, then tests, then collect, then junit."""
