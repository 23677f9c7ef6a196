"""Old migrations name `crud.ids.new_id`; it lives in the kernel."""

from kernel.ids import new_id  # noqa: F401
