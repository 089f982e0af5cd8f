"""The website: read the request, ask the broker, show the answer."""
