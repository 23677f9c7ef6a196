"""The engine over HTTP: views, routes, and what REST framework has a hook for."""
