"""What the API tells of itself: each type's schema, and the whole as OpenAPI."""
