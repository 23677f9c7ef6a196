"""What the processes of this machine have counted of requests and tasks. It knows no accounts: for super users."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from kernel.metrics import exposition

TOP: Final = 10


@dataclass(slots=True)
class TrafficLine:
    name: str
    count: int = 0
    errors: int = 0
    refused: int = 0
    seconds: float = 0.0

    @property
    def milliseconds(self) -> float:
        return round(1_000 * self.seconds / self.count, 1) if self.count else 0.0


def traffic() -> tuple[list[TrafficLine], list[TrafficLine]]:
    """The routes that are called most, and the tasks that ran: count, 5xx or failures, 4xx, mean time."""
    routes: dict[str, TrafficLine] = defaultdict(lambda: TrafficLine(""))
    tasks: dict[str, TrafficLine] = defaultdict(lambda: TrafficLine(""))
    for family in text_string_to_metric_families(exposition().decode()):
        for sample in family.samples:
            labels = sample.labels
            if sample.name.startswith("aether_http_request_seconds"):
                line = routes[f"{labels['method']} {labels['route']}"]
                failed, refused = labels["status"] >= "500", "400" <= labels["status"] < "500"
            elif sample.name.startswith("aether_task_seconds"):
                line = tasks[labels["task"]]
                failed, refused = labels["state"].lower() == "failure", False
            else:
                continue
            if sample.name.endswith("_count"):
                line.count += int(sample.value)
                line.errors += int(sample.value) * failed
                line.refused += int(sample.value) * refused
            elif sample.name.endswith("_sum"):
                line.seconds += sample.value
    return _busiest(routes), _busiest(tasks)


def busiest_types(count: int) -> list[str]:
    """Names of the object types that are asked for most."""
    requests: Counter[str] = Counter()
    for family in text_string_to_metric_families(exposition().decode()):
        for sample in family.samples:
            if sample.name == "aether_http_request_seconds_count" and sample.labels["type"]:
                requests[sample.labels["type"]] += int(sample.value)
    return [name for name, _ in requests.most_common(count)]


def held_back() -> list[tuple[str, int]]:
    """Public ids of the accounts that asked for too much at once within the hour, and how often they were refused."""
    counted: Counter[str] = Counter()
    for family in text_string_to_metric_families(exposition().decode()):
        if family.name == "aether_held_back":
            for sample in family.samples:
                counted[sample.labels["account"]] += int(sample.value)
    return counted.most_common(TOP)


def _busiest(lines: dict[str, TrafficLine]) -> list[TrafficLine]:
    for name, line in lines.items():
        line.name = name
    return sorted(lines.values(), key=lambda line: -line.count)[:TOP]
