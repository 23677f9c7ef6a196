"""The admin, made from the declarations of the types."""
