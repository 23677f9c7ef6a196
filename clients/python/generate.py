"""The types of all objects, from the OpenAPI document: python generate.py DOCUMENT.json|ADDRESS [FILE]"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx

TARGET = Path(__file__).parent / "aether_client" / "types.py"
HEAD = '''"""Made by generate.py from the OpenAPI document. Do not edit."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypedDict, TypeVar

T = TypeVar("T")


class ObjectType(str, Generic[T]):
    """The name of a type, which knows how its objects look."""

    __slots__ = ()
'''
PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}


def class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def annotation(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        values = [json.dumps(value) for value in schema["enum"] if value is not None]
        return f"Literal[{', '.join(values)}]" + (
            " | None" if None in schema["enum"] or "null" in schema["type"] else ""
        )
    if "anyOf" in schema:
        return " | ".join(annotation(one) for one in schema["anyOf"])
    kinds = schema.get("type", "object")
    return " | ".join(
        "list[Any]" if one == "array" else PLAIN[one] for one in ([kinds] if isinstance(kinds, str) else kinds)
    )


def source_of(document: dict[str, Any]) -> str:
    schemas = document["components"]["schemas"]
    names = [tag["name"] for tag in document["tags"] if class_name(tag["name"]) in schemas]
    parts = [HEAD]
    for name in names:
        lines = [
            f"    {field}: {annotation(schema)}" for field, schema in schemas[class_name(name)]["properties"].items()
        ]
        parts.append("\n".join(["", f"class {class_name(name)}(TypedDict, total=False):", *lines, ""]))
    parts.append(
        "\n" + "\n".join(f'{name}: ObjectType[{class_name(name)}] = ObjectType("{name}")' for name in names) + "\n"
    )
    return "\n".join(parts)


def main() -> None:
    source = sys.argv[1]
    if source.startswith("http"):
        document = httpx.get(source.rstrip("/") + "/v3/schema", timeout=60).json()
    else:
        document = json.loads(Path(source).read_text(encoding="utf-8"))
    (Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET).write_text(source_of(document), encoding="utf-8")


if __name__ == "__main__":
    main()
