"""The engine for object types. It knows no domain: types are declared beside their models."""
