"""An exhibit's questions, and whether answers fit them (contract section 8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError

TYPES: Final = ("text", "number", "boolean", "choice", "multiple")
"""Any other stored type is a text."""


def validate_questions(value: Any) -> None:
    """A list of `{code, label, type, options: [text | {code, label}], required, show_if: {code, answer}}`; `code` is a
    question's identity, the rest may be missing. Raises ValidationError."""
    if not isinstance(value, list):
        raise ValidationError("Give a list of questions.")
    codes: set[str] = set()
    for number, question in enumerate(value, start=1):
        code = question.get("code") if isinstance(question, dict) else None
        if not isinstance(code, str) or not code.strip() or code in codes:
            raise ValidationError(f"Question {number}: code is a text, not empty, each only once.")
        codes.add(code)
    for number, question in enumerate(value, start=1):
        if problem := _problem_of(question, codes):
            raise ValidationError(f"Question {number}: {problem}")


def _problem_of(question: dict[str, Any], codes: set[str]) -> str:
    if any(not isinstance(question.get(name, ""), str) for name in ("label", "type")):
        return "label and type are texts."
    options = question.get("options") or []
    if not isinstance(options, list):
        return "options are a list."
    if any(not isinstance(option, str) and not _is_coded(option) for option in options):
        return "an option is a text, or an object with a code and a label."
    if not isinstance(question.get("required") or False, bool):
        return "required is true or false."
    condition = question.get("show_if")
    if condition is None:
        return ""
    if not isinstance(condition, dict) or condition.get("code") not in codes - {question["code"]}:
        return "show_if names the code of another question."
    return "" if "answer" in condition else "show_if says which answer."


def _is_coded(option: Any) -> bool:
    return isinstance(option, dict) and isinstance(option.get("code"), str) and isinstance(option.get("label", ""), str)


def check_answers(questions: Any, answers: Any) -> None:
    """Raises ValidationError, which names the question's code. Answers to unknown questions are let pass."""
    if not isinstance(questions, list) or not answers:
        return
    given = dict(named_answers(answers))
    for question in questions:
        if not isinstance(question, dict) or not isinstance(question.get("code"), str):
            continue
        answer = given.get(question["code"])
        if answer in (None, "", []):
            if question.get("required") and _is_shown(question, given):
                raise ValidationError(f"{question['code']}: an answer is required.")
        elif problem := _misfit(question, answer):
            raise ValidationError(f"{question['code']}: {problem}")


def named_answers(answers: Any) -> Iterable[tuple[str, Any]]:
    """Code and answer, of both stored forms: `{code: answer}`, or a list of `{code, answer}`."""
    if isinstance(answers, dict):
        yield from answers.items()
        return
    for item in answers if isinstance(answers, list) else ():
        if isinstance(item, dict) and isinstance(item.get("code"), str):
            names = [name for name in ("answer", "value", "response") if item.get(name) is not None]
            yield item["code"], item[names[0]] if names else None


def _is_shown(question: dict[str, Any], given: dict[str, Any]) -> bool:
    condition = question.get("show_if")
    if not isinstance(condition, dict):
        return True
    answer, wanted = given.get(condition.get("code", "")), condition.get("answer")
    return wanted in answer if isinstance(answer, list) else answer == wanted


def _misfit(question: dict[str, Any], answer: Any) -> str:
    options = [o["code"] if isinstance(o, dict) and "code" in o else o for o in question.get("options") or []]
    match question.get("type"):
        case "number":
            fits = isinstance(answer, int | float) and not isinstance(answer, bool)
            return "" if fits else "give a number."
        case "boolean":
            return "" if isinstance(answer, bool) else "give true or false."
        case "choice":
            chosen = answer if isinstance(answer, list) else [answer]  # as older clients sent it
            return "" if not options or all(part in options for part in chosen) else "there is no such option."
        case "multiple":
            if not isinstance(answer, list):
                return "give a list of options."
            return "" if not options or all(part in options for part in answer) else "there is no such option."
        case _:
            return "" if isinstance(answer, str | int | float) else "give a text."
