"""The public API: routes, limits, firewall, and what it must not log (SECURITY 2.7-2.9)."""

import re
from collections.abc import Iterator

from tests.contract.template.stack import Json, Stack, rule, target

ROUTES = {
    ("get", "/c/{link}"): "mini_app",
    ("head", "/c/{link}"): "mini_app",
    ("post", "/c/{link}"): "mini_app",
    ("get", "/c"): "mini_app",
    ("get", "/c/act/{action}"): "mini_app",
    ("get", "/c/status"): "mini_app",
    ("post", "/c/renew"): "mini_app",
    ("post", "/c/code"): "one_time_code",
    ("post", "/c/verify"): "one_time_code",
    ("post", "/c/act/{action}"): "submit_action",
}
HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}
_CSP = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'")
_LOGGED = {
    "requestId",
    "requestTime",
    "httpMethod",
    "resourcePath",  # the route, not the path
    "status",
    "responseLength",
    "responseLatency",
    "integrationLatency",
    "integrationStatus",
    "error.responseType",
    "wafResponseCode",
    "xrayTraceId",
}
_COSTLY = ("/~1c~1code", "/~1c~1verify", "/~1c~1renew")


def _stage(stack: Stack) -> Json:
    return next(properties for _, properties in stack.of("ApiGateway::Stage"))


@rule
def the_routes_are_those_of_the_design(stack: Stack) -> Iterator[str]:
    found = {
        (event["Properties"]["Method"].lower(), event["Properties"]["Path"]): folder
        for folder, function in stack.functions().items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    }
    for route in found.keys() | ROUTES.keys():
        if found.get(route) != ROUTES.get(route):
            yield f"{route} leads to {found.get(route)}, not {ROUTES.get(route)}"
    deployed = stack.properties("PublicApi")["Body"]["paths"]
    for path, methods in deployed.items():
        yield from (
            f"{method} {path} is deployed, but nobody wrote it"
            for method in methods
            if (method, path) not in found
        )


@rule
def a_firewall_stands_before_the_api(stack: Stack) -> Iterator[str]:
    guarded = [
        (target(each["WebACLArn"]), str(each["ResourceArn"]))
        for _, each in stack.of("WAFv2::WebACLAssociation")
    ]
    if not any(acl == "PublicWebAcl" and "PublicApi" in arn for acl, arn in guarded):
        yield "the API has no web ACL"
    if stack.resources.get("PublicWebAclAssociation", {}).get("Condition") != "IsOnAws":
        yield "the web ACL is not associated on every deployment to AWS"


@rule
def the_firewall_stops_floods_guessing_and_known_attacks(stack: Stack) -> Iterator[str]:
    rules = stack.properties("PublicWebAcl")["Rules"]
    rates = [
        each["Statement"]["RateBasedStatement"]
        for each in rules
        if "RateBasedStatement" in each["Statement"] and "Block" in each.get("Action", {})
    ]
    if not any("ScopeDownStatement" not in each for each in rates):
        yield "no rate rule over all requests"
    scoped = str([each.get("ScopeDownStatement") for each in rates])
    for path in ("/c/code", "/c/verify", "/c/renew"):
        if path not in scoped:
            yield f"no tighter rate rule for {path}"
    groups = str([each["Statement"].get("ManagedRuleGroupStatement") for each in rules])
    for group in ("CommonRuleSet", "KnownBadInputsRuleSet", "AmazonIpReputationList"):
        if group not in groups:
            yield f"the managed rules {group} are missing"
    if any("Count" in each.get("OverrideAction", {}) for each in rules):
        yield "a managed rule group only counts"


@rule
def the_firewall_keeps_no_samples(stack: Stack) -> Iterator[str]:
    acl = stack.properties("PublicWebAcl")
    for each in (acl, *acl["Rules"]):
        if each["VisibilityConfig"]["SampledRequestsEnabled"]:
            yield "sampled requests show links"


@rule
def codes_are_throttled_more_tightly(stack: Stack) -> Iterator[str]:
    settings = {each["ResourcePath"]: each for each in _stage(stack)["MethodSettings"]}
    everything = settings.get("/*")
    if everything is None:
        yield "the API is not throttled"
        return
    for path in _COSTLY:
        own = settings.get(path, everything)
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            if own[limit] >= everything[limit]:
                yield f"{path} has no tighter {limit}"


@rule
def the_access_log_holds_no_path_and_nobody(stack: Stack) -> Iterator[str]:
    form = _stage(stack).get("AccessLogSetting", {}).get("Format", "")
    used = set(re.findall(r"\$context\.([A-Za-z.]+)", form))
    if not used:
        yield "there is no access log"
    yield from (f"the access log keeps $context.{name}" for name in sorted(used - _LOGGED))


@rule
def execution_logs_are_off(stack: Stack) -> Iterator[str]:
    for each in _stage(stack)["MethodSettings"]:
        if each.get("LoggingLevel") != "OFF" or each.get("DataTraceEnabled") is not False:
            yield f"execution logs of {each['ResourcePath']} hold links and forms"


@rule
def the_gateways_own_answers_carry_the_security_headers(stack: Stack) -> Iterator[str]:
    answers = stack.properties("PublicApi")["Body"].get("x-amazon-apigateway-gateway-responses", {})
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX", *answers):
        given = {
            name.removeprefix("gatewayresponse.header."): value.removeprefix("'").removesuffix("'")
            for name, value in answers.get(kind, {}).get("responseParameters", {}).items()
        }
        for name, value in HEADERS.items():
            if given.get(name) != value:
                yield f"{kind} answers with {name}: {given.get(name)}"
        policy = given.get("Content-Security-Policy", "")
        yield from (f"the CSP of {kind} lacks {part}" for part in _CSP if part not in policy)


@rule
def with_a_domain_there_is_no_second_address(stack: Stack) -> Iterator[str]:
    wanted = {"Fn::If": ["HasDomain", True, False]}
    if (
        stack.source["Resources"]["PublicApi"]["Properties"].get("DisableExecuteApiEndpoint")
        != wanted
    ):
        yield "the API answers beside its own domain"
    for name, domain in stack.of("ApiGateway::DomainName"):
        if domain.get("SecurityPolicy") != "TLS_1_2":
            yield f"{name} accepts old TLS"


@rule
def the_api_is_regional(stack: Stack) -> Iterator[str]:
    api = stack.properties("PublicApi")
    if api.get("EndpointConfiguration", {}).get("Types") != ["REGIONAL"]:
        yield "a regional web ACL cannot guard an edge-optimised API"
