from files.models.derived_file import DerivedFile
from files.models.hosted_file import HostedFile
from files.models.hosted_file_link import HostedFileLink
from files.models.resumable_upload import ResumableUpload
from files.models.stored_bytes import StoredBytes

__all__ = ["DerivedFile", "HostedFile", "HostedFileLink", "ResumableUpload", "StoredBytes"]
