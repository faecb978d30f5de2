"""Mutants of functions, layers and the state machine."""

from tests.contract.template import function_rules as functions
from tests.contract.template.mutant import Mutant, drop, forget, of_resource, put

FUNCTIONS_MUTANTS = (
    Mutant(
        functions.every_folder_is_a_function_and_every_function_a_folder,
        "a folder that is not deployed",
        forget("SweepFunction"),
    ),
    Mutant(
        functions.every_folder_is_a_function_and_every_function_a_folder,
        "a function with another's role",
        put("MiniAppFunction/Role", {"Fn::GetAtt": ["SweepRole", "Arn"]}),
    ),
    Mutant(
        functions.everything_is_built_by_make,
        "a layer that SAM builds",
        of_resource("DependenciesLayer", "Metadata", {"BuildMethod": "python3.13"}),
    ),
    Mutant(
        functions.every_function_runs_what_the_layers_were_built_for,
        "another Python than the layers'",
        put("SweepFunction/Runtime", "python3.12"),
    ),
    Mutant(
        functions.everything_is_traced,
        "a function in the dark",
        put("MiniAppFunction/Tracing", "PassThrough"),
    ),
    Mutant(
        functions.every_function_logs_to_a_group_that_forgets,
        "a log for ever",
        drop("SweepLogs/RetentionInDays"),
    ),
    Mutant(
        functions.every_function_logs_to_a_group_that_forgets,
        "a log group made by itself",
        drop("SweepFunction/LoggingConfig"),
    ),
    Mutant(
        functions.public_functions_answer_in_time_and_are_bounded,
        "visitors who starve writeback",
        drop("MiniAppFunction/ReservedConcurrentExecutions"),
    ),
    Mutant(
        functions.public_functions_answer_in_time_and_are_bounded,
        "a page that API Gateway does not wait for",
        put("SubmitActionFunction/Timeout", 60),
    ),
    Mutant(
        functions.a_lease_outlives_the_worker_that_holds_it,
        "a lease shorter than its worker",
        put("Parameters/LeaseSeconds/Default", 20),
    ),
    Mutant(
        functions.the_journey_keeps_no_execution_data,
        "task tokens in the log",
        put("CaseJourney/Logging/IncludeExecutionData", True),
    ),
    Mutant(
        functions.the_journey_is_a_file_and_calls_two_functions,
        "a journey that calls writeback",
        put(
            "CaseJourney/DefinitionSubstitutions/HandOffFunctionArn",
            {"Fn::GetAtt": ["WritebackFunction", "Arn"]},
        ),
    ),
)
