"""Old migrations name these here; they live in the kernel."""

from kernel.model_fields import (  # noqa: F401
    TEXT_COLLATION_SQLITE,
    ExactCharField,
    HtmlField,
    IdField,
    LongTextField,
    OwnIdField,
    SearchTextField,
    SecretField,
    SecretsByRoleField,
    TextCharField,
)
