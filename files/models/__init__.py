from files.models.hosted_file import HostedFile
from files.models.hosted_file_link import HostedFileLink

__all__ = ["HostedFile", "HostedFileLink"]
