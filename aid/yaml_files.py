"""Reading of YAML that editors keep: checked by a pydantic model, faults named by file and line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from aid.faults import Fault, KnowledgeError

Model = TypeVar("Model", bound=BaseModel)
Loc = Iterable[int | str]


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: the same nodes and marks, ten times as fast."""


class _Loader(_Base):  # type: ignore[misc]
    """Refuses a key that stands twice in one mapping (plain YAML would silently keep the last)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As the base class, after the check."""
        seen = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


class YamlFile:
    """One parsed file; ``data`` is its content, ``line`` finds where a part of it stands."""

    def __init__(self, path: Path) -> None:
        """Read and parse.

        Raises:
            KnowledgeError: the file cannot be read, is not UTF-8 or is not YAML.
        """
        self.path = path
        try:
            loader = _Loader(path.read_text("utf-8"))
            self._root = loader.get_single_node()
            self.data: Any = None if self._root is None else loader.construct_document(self._root)
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 0
            raise KnowledgeError([Fault(path, line, f"not YAML: {fault.problem}")]) from fault
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
            raise KnowledgeError([Fault(path, 0, f"cannot be read: {fault}")]) from fault

    def line(self, loc: Loc = ()) -> int:
        """The line (from 1) of the part at ``loc`` (keys and indexes), or of the nearest part around it."""
        node, line = self._root, 1
        for step in loc:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line

    def fault(self, message: str, loc: Loc = ()) -> Fault:
        """An error at ``loc``."""
        return Fault(self.path, self.line(loc), message)

    def as_model(self, model: type[Model]) -> Model:
        """The content as ``model``.

        Raises:
            KnowledgeError: it does not fit; one fault for each misfit.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as fault:
            faults = [self.fault(f"{'.'.join(map(str, e['loc']))}: {e['msg']}", e["loc"]) for e in fault.errors()]
            raise KnowledgeError(faults) from fault


def read_yaml_model(path: Path, model: type[Model]) -> Model:
    """Read ``path`` as ``model``. Raises ``KnowledgeError``."""
    return YamlFile(path).as_model(model)


def _child(node: Any, step: int | str) -> tuple[int, Any] | None:
    """Line and node of one step down, if there is one."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None
