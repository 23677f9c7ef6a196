from content.models.archive import Archive
from content.models.archive_content import ArchiveContent
from content.models.journal import Journal
from content.models.journal_entry import JournalEntry
from content.models.page import Page
from content.models.post import Post
from content.models.post_comment import PostComment

__all__ = ["Archive", "ArchiveContent", "Journal", "JournalEntry", "Page", "Post", "PostComment"]
