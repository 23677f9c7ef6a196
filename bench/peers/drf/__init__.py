"""`drf`: Django and REST framework as their tutorials show them, the admin's middlewares included."""
