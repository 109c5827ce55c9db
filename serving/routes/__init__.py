"""HTTP as a skin: each route reads a request, asks the service and writes its answer."""
