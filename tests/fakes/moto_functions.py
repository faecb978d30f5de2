"""Let moto's Step Functions invoke plain Python where it would start a Docker container."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

Invoke = Callable[[str, Mapping[str, Any]], str | None]


@contextmanager
def functions_in_moto(invoke: Invoke) -> Iterator[None]:
    """Answer every `lambda:invoke` by `invoke(function name, payload)`.

    It returns the name of the exception that the function raised, or None.
    """

    def call(parameters: dict[str, Any], **_: object) -> dict[str, Any]:
        name = str(parameters["FunctionName"]).rpartition(":")[2]
        error = invoke(name, json.loads(parameters["Payload"]))
        if error is None:
            return {"StatusCode": 200, "Payload": None}
        failure = {"errorType": error, "errorMessage": "as the script says"}
        return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": failure}

    before = lambda_eval_utils._invoke_lambda_function
    lambda_eval_utils._invoke_lambda_function = call
    try:
        yield
    finally:
        lambda_eval_utils._invoke_lambda_function = before
