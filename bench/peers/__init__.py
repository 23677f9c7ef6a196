"""What Aether is compared with: the same addresses, fields and rows, in as little code as each stack takes."""
