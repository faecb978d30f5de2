"""Functions, layers and the state machine: built, traced, logged and bounded alike."""

from collections.abc import Iterator

from tests.contract.template.stack import Stack, named, rule, target
from tools.template.expansion import ROOT

PUBLIC = ("mini_app", "one_time_code", "submit_action")
LAYERS = ("CloseloopLayer", "DependenciesLayer", "WorkflowsLayer")
_GATEWAY_LIMIT_S = 29


@rule
def every_folder_is_a_function_and_every_function_a_folder(stack: Stack) -> Iterator[str]:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    for name in folders ^ stack.functions().keys():
        yield f"{name} is only {'a folder' if name in folders else 'in the template'}"
    for name, function in stack.source["Resources"].items():
        if function["Type"] == "AWS::Serverless::Function":
            folder = function["Properties"]["CodeUri"].removeprefix("functions/")
            if name != f"{named(folder)}Function":
                yield f"{name} is the function in {folder}"
            if target(function["Properties"].get("Role", "")) != f"{named(folder)}Role":
                yield f"{name} has no role of its name"


@rule
def everything_is_built_by_make(stack: Stack) -> Iterator[str]:
    for name, resource in stack.source["Resources"].items():
        kind = resource["Type"].removeprefix("AWS::Serverless::")
        if kind in ("Function", "LayerVersion"):
            metadata = resource.get("Metadata", {})
            if metadata.get("BuildMethod") != "makefile":
                yield f"{name} is built by SAM, which wants Docker or the runtime's Python"
            if kind == "Function" and metadata.get("ContextPath") != "functions":
                yield f"{name} has a makefile of its own"


@rule
def every_function_runs_what_the_layers_were_built_for(stack: Stack) -> Iterator[str]:
    for name, function in stack.of("Lambda::Function"):
        if target(function["Runtime"]) != "PythonRuntime":
            yield f"{name} runs {function['Runtime']}"
        if [target(each) for each in function["Architectures"]] != ["Architecture"]:
            yield f"{name} runs on {function['Architectures']}"
        layers = [target(each) for each in function["Layers"]]
        if not all(each.startswith(layer) for each, layer in zip(layers, LAYERS, strict=False)):
            yield f"{name} has the layers {layers}"


@rule
def everything_is_traced(stack: Stack) -> Iterator[str]:
    for name, function in stack.of("Lambda::Function"):
        if function.get("TracingConfig", {}).get("Mode") != "Active":
            yield f"{name} is not traced"
    if not stack.properties("CaseJourney").get("TracingConfiguration", {}).get("Enabled"):
        yield "journeys are not traced"
    for name, stage in stack.of("ApiGateway::Stage"):
        if not stage.get("TracingEnabled"):
            yield f"{name} is not traced"


@rule
def every_function_logs_to_a_group_that_forgets(stack: Stack) -> Iterator[str]:
    for folder, function in stack.functions().items():
        if target(function.get("LoggingConfig", {}).get("LogGroup", "")) != f"{named(folder)}Logs":
            yield f"{folder} logs to a group that lasts for ever"
    for name, group in stack.of("Logs::LogGroup"):
        if target(group.get("RetentionInDays", "")) != "LogRetentionDays":
            yield f"{name} keeps its log for another time than LogRetentionDays"
        if "/${AWS::StackName}/" not in target(group["LogGroupName"]):
            yield f"{name} is outside of what the key policy lets logs encrypt"


@rule
def public_functions_answer_in_time_and_are_bounded(stack: Stack) -> Iterator[str]:
    for folder in PUBLIC:
        function = stack.functions()[folder]
        if target(function.get("Timeout", "")) != "PageTimeoutSeconds":
            yield f"{folder} does not end before API Gateway does"
        reserved = {"Fn::If": ["ReservesConcurrency", {"Ref": "PublicConcurrency"}]}
        given = function.get("ReservedConcurrentExecutions", {}).get("Fn::If", [])
        if given[:2] != reserved["Fn::If"]:
            yield f"a flood at {folder} starves writeback (T20)"
    if stack.source["Parameters"]["PageTimeoutSeconds"]["MaxValue"] > _GATEWAY_LIMIT_S:
        yield "pages may take longer than API Gateway waits"


@rule
def a_lease_outlives_the_worker_that_holds_it(stack: Stack) -> Iterator[str]:
    lease = stack.number({"Ref": "LeaseSeconds"})
    if lease <= stack.number(stack.properties("WritebackFunction")["Timeout"]):
        yield "a submission is taken over while its first worker still works"


@rule
def the_journey_keeps_no_execution_data(stack: Stack) -> Iterator[str]:
    machine = stack.properties("CaseJourney")
    if machine.get("StateMachineType") != "STANDARD":
        yield "a journey of weeks needs a standard machine"
    logging = machine.get("LoggingConfiguration", {})
    if not logging.get("Destinations"):
        yield "the journey has no log"
    if logging.get("IncludeExecutionData") is not False:
        yield "task tokens stand in the journey's log (T18)"


@rule
def the_journey_is_a_file_and_calls_two_functions(stack: Stack) -> Iterator[str]:
    written = stack.source["Resources"]["CaseJourney"]["Properties"]
    if not (ROOT / str(written.get("DefinitionUri"))).is_file():
        yield "the journey is not a file of its own"
    called = {name: target(value) for name, value in written["DefinitionSubstitutions"].items()}
    wanted = {
        "SendTouchFunctionArn": "SendTouchFunction",
        "HandOffFunctionArn": "HandOffFunction",
    }
    if called != wanted:
        yield f"the journey is given {called}"
    allowed = [
        sorted(target(each) for each in statement["Resource"])
        for statement in stack.statements("CaseJourneyRole")
        if statement["Action"] == "lambda:InvokeFunction"
    ]
    if allowed != [sorted(wanted.values())]:
        yield f"the journey may call {allowed}"
