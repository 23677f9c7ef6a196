"""Resumable uploads: tus 1.0 (tus.io/protocols/resumable-upload) at /v3/files/tus/."""
