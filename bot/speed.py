"""One repair of Rasa 3.6.21: the schema of an action's answer is prepared once, not at every call.

``RemoteAction._validate_action_result`` calls ``jsonschema.validate``, which checks the schema itself against its meta-schema each time: three quarters of
the time of a message. A validator built once makes the same checks.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction


def prepare_action_schema() -> None:
    """Make Rasa check action answers with a validator that is built once. Calling it again changes nothing."""
    if getattr(RemoteAction, "schema_is_prepared", False):
        return
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction.schema_is_prepared = True
