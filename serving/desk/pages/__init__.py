"""The addresses of the desk. Each page reads a request, asks what stands behind the desk, and draws itself."""
