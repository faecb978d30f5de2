"""Mutants of the template's shape."""

from tests.contract.template import shape_rules as shape
from tests.contract.template.mutant import Mutant, drop, put

SHAPE_MUTANTS = (
    Mutant(
        shape.every_parameter_is_described_and_constrained,
        "a parameter nobody explained",
        drop("Parameters/CoreBaseUrl/Description"),
    ),
    Mutant(
        shape.every_parameter_is_described_and_constrained,
        "a parameter that takes anything",
        drop("Parameters/ClockUrl/AllowedPattern"),
    ),
    Mutant(
        shape.every_parameter_is_asked_for_in_a_group,
        "a parameter in no group",
        drop("Metadata/AWS::CloudFormation::Interface/ParameterGroups/0"),
    ),
    Mutant(
        shape.every_output_is_described,
        "an output nobody explained",
        drop("Outputs/ApiId/Description"),
    ),
    Mutant(
        shape.sections_stand_in_the_order_of_a_reader,
        "a section without its banner",
        text=("# Messaging\n", "# Things\n"),
    ),
    Mutant(
        shape.production_refuses_what_is_for_tests,
        "prod with a movable clock",
        drop("Rules/ProductionRunsInRealTime/Assertions/0"),
    ),
    Mutant(
        shape.production_refuses_what_is_for_tests,
        "prod in a hurry",
        drop("Rules/ProductionRunsInRealTime/Assertions/1"),
    ),
    Mutant(
        shape.production_refuses_what_is_for_tests,
        "a rule for dev instead of prod",
        put("Rules/ProductionTalksToTheRealProviders/RuleCondition/Fn::Equals/1", "dev"),
    ),
    Mutant(
        shape.a_domain_comes_with_its_certificate,
        "a domain without certificate",
        lambda document: document["Rules"].pop("ADomainNeedsItsCertificate"),
    ),
)
