"""The template reads like a table of contents (house rule 16)."""

from collections.abc import Iterator

from tests.contract.template.stack import Stack, rule

SECTIONS = (
    "Parameters",
    "Rules",
    "Globals",
    "Keys",
    "Data",
    "Messaging",
    "Functions",
    "Workflow",
    "API",
    "Alarms",
    "Outputs",
)
_LIMITS = ("AllowedValues", "AllowedPattern", "MinValue", "MinLength")
_TEST_ONLY = ("ClockUrl", "TimeScale", "WhatsAppEndpoint")


@rule
def every_parameter_is_described_and_constrained(stack: Stack) -> Iterator[str]:
    for name, parameter in stack.source["Parameters"].items():
        for wanted in ("Description", "ConstraintDescription"):
            if not parameter.get(wanted):
                yield f"parameter {name} has no {wanted}"
        if not any(limit in parameter for limit in _LIMITS):
            yield f"parameter {name} takes anything"


@rule
def every_parameter_is_asked_for_in_a_group(stack: Stack) -> Iterator[str]:
    groups = stack.source["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    yield from (
        f"{name} is in {grouped.count(name)} parameter groups"
        for name in {*stack.source["Parameters"], *grouped}
        if grouped.count(name) != 1 or name not in stack.source["Parameters"]
    )


@rule
def every_output_is_described(stack: Stack) -> Iterator[str]:
    for name, output in stack.source["Outputs"].items():
        if not output.get("Description"):
            yield f"output {name} has no Description"


@rule
def sections_stand_in_the_order_of_a_reader(stack: Stack) -> Iterator[str]:
    lines = stack.text.splitlines()
    banners = [
        lines[at + 1].strip(" #").split(":")[0]
        for at, line in enumerate(lines[:-1])
        if line.strip().startswith("# ====") and not lines[at + 1].strip().startswith("# ====")
    ]
    found = tuple(banner for banner in banners if banner in SECTIONS)
    if found != SECTIONS:
        yield f"sections are {found}"


@rule
def production_refuses_what_is_for_tests(stack: Stack) -> Iterator[str]:
    in_prod = {"Fn::Equals": [{"Ref": "Environment"}, "prod"]}
    asserted = {
        str(side["Ref"]): other
        for each in stack.source["Rules"].values()
        if each["RuleCondition"] == in_prod
        for claim in each["Assertions"]
        for side, other in [claim["Assert"].get("Fn::Equals", [{"Ref": ""}, ""])]
    }
    for name in _TEST_ONLY:
        neutral = str(stack.source["Parameters"][name]["Default"])
        if asserted.get(name) != neutral:
            yield f"prod accepts a {name} other than {neutral!r}"


@rule
def a_domain_comes_with_its_certificate(stack: Stack) -> Iterator[str]:
    claims = [
        claim["Assert"]
        for each in stack.source["Rules"].values()
        if "CustomDomain" in str(each["RuleCondition"])
        for claim in each["Assertions"]
    ]
    if {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]} not in claims:
        yield "a custom domain is accepted without a certificate"
