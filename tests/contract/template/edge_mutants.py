"""Mutants of the public API."""

from tests.contract.template import edge_rules as edge
from tests.contract.template.mutant import Mutant, at, drop, forget, of_resource, put
from tools.template.expansion import Json


def _extra_route(document: Json) -> None:
    events = at(document, "MiniAppFunction/Events")
    events["Debug"] = {
        "Type": "Api",
        "Properties": {**events["Step"]["Properties"], "Path": "/debug"},
    }


EDGE_MUTANTS = (
    Mutant(edge.the_routes_are_those_of_the_design, "a route nobody designed", _extra_route),
    Mutant(
        edge.the_routes_are_those_of_the_design,
        "a submit at another address",
        put("SubmitActionFunction/Events/Submit/Properties/Path", "/c/submit/{action}"),
    ),
    Mutant(
        edge.a_firewall_stands_before_the_api,
        "an API without firewall",
        forget("PublicWebAclAssociation"),
    ),
    Mutant(
        edge.a_firewall_stands_before_the_api,
        "a firewall in prod only",
        of_resource("PublicWebAclAssociation", "Condition", "IsProd"),
    ),
    Mutant(
        edge.the_firewall_stops_floods_guessing_and_known_attacks,
        "floods",
        drop("PublicWebAcl/Rules/0"),
    ),
    Mutant(
        edge.the_firewall_stops_floods_guessing_and_known_attacks,
        "guessing of codes",
        drop("PublicWebAcl/Rules/1"),
    ),
    Mutant(
        edge.the_firewall_stops_floods_guessing_and_known_attacks,
        "managed rules that only count",
        put("PublicWebAcl/Rules/4/OverrideAction", {"Count": {}}),
    ),
    Mutant(
        edge.the_firewall_keeps_no_samples,
        "samples with links in them",
        put("PublicWebAcl/Rules/0/VisibilityConfig/SampledRequestsEnabled", True),
    ),
    Mutant(
        edge.codes_are_throttled_more_tightly,
        "codes at the pace of pages",
        drop("PublicApi/MethodSettings/1"),
    ),
    Mutant(
        edge.codes_are_throttled_more_tightly,
        "an API without limits",
        drop("PublicApi/MethodSettings/0"),
    ),
    Mutant(
        edge.the_access_log_holds_no_path_and_nobody,
        "links in the access log",
        put("PublicApi/AccessLogSetting/Format", "$context.requestId $context.path"),
    ),
    Mutant(
        edge.the_access_log_holds_no_path_and_nobody,
        "addresses in the access log",
        put("PublicApi/AccessLogSetting/Format", "$context.requestId $context.identity.sourceIp"),
    ),
    Mutant(
        edge.execution_logs_are_off,
        "forms in the execution log",
        put("PublicApi/MethodSettings/0/DataTraceEnabled", True),
    ),
    Mutant(
        edge.the_gateways_own_answers_carry_the_security_headers,
        "an error page that may be framed",
        drop(
            "PublicApi/GatewayResponses/DEFAULT_5XX/ResponseParameters/Headers/Content-Security-Policy"
        ),
    ),
    Mutant(
        edge.the_gateways_own_answers_carry_the_security_headers,
        "a refusal that tells where the link was",
        put(
            "PublicApi/GatewayResponses/DEFAULT_4XX/ResponseParameters/Headers/Referrer-Policy",
            "'origin'",
        ),
    ),
    Mutant(
        edge.with_a_domain_there_is_no_second_address,
        "a way round the domain",
        drop("PublicApi/DisableExecuteApiEndpoint"),
    ),
    Mutant(
        edge.the_api_is_regional,
        "an API at the edge",
        put("PublicApi/EndpointConfiguration", {"Type": "EDGE"}),
    ),
)
