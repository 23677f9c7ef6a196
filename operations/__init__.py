"""What operators do: backups, bundles for other servers, imports from files."""
