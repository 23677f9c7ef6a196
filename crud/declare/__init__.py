"""What an object type is: its declaration, its field table, the values of fields, and the checks at start-up.

Knows the kernel and tenancy. Apps import from here what they declare types with.
"""
