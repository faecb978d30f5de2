"""Start one function as Lambda would, and leave a mark at each stage. Run under valgrind.

    python -S probe.py BUILD FUNCTION [pages]   import its handler, then build its use case
    python -S probe.py BUILD reference          reference set I, and what functions import late

At each mark the process forks a child that ends at once: valgrind prints the instructions of every
process that ends, so a child's count is the count up to its mark. Before the first mark nothing is
imported that the interpreter does not have at hand.
"""

import os
import sys

STANDARD_LIBRARY = (
    *("base64", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib"),
    *("hmac", "json", "logging", "re", "secrets", "uuid"),
)
# What functions import late, at the first page, text or decision that needs it.
LATE = {
    "cedarpy": ["cedarpy"],
    "jinja2": ["jinja2.sandbox"],
    "babel": ["babel.dates", "babel.numbers"],
    "holidays": ["holidays", "holidays.countries.united_kingdom"],
}
MARKS: list[tuple[str, int, int]] = []


def mark(name: str) -> None:
    """Leave a mark: its name, the process whose count it is, the modules loaded so far."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    MARKS.append((name, child, len(sys.modules)))


def reference() -> None:
    """Set I: the standard library that a handler needs, a botocore session, one client."""
    for name in STANDARD_LIBRARY:
        __import__(name)
    __import__("botocore.session")
    sys.modules["botocore.session"].get_session().create_client("dynamodb")
    mark("reference")
    for what, names in LATE.items():
        for name in names:
            __import__(name)
        mark(what)


def function(name: str, *, shows_pages: bool) -> None:
    """Import the handler, then make what its first event needs, up to the first data it asks for.

    Secrets are read from here: nobody is called.
    """
    __import__("handler")
    mark("import")
    bootstrap = sys.modules["closeloop.bootstrap"]
    bootstrap._session().register("before-send.secrets-manager", _secret)  # noqa: SLF001
    getattr(bootstrap, name)()
    if shows_pages:
        bootstrap.edge()
    mark("ready")


def _secret(**_: object) -> object:
    """Answer as Secrets Manager does, in the place of the network."""
    body = b'{"SecretString": "{\\"api_key\\": \\"none\\", \\"root\\": \\"none\\"}"}'
    answer = sys.modules["botocore.awsrequest"].AWSResponse("", 200, {}, None)
    answer._content = body  # noqa: SLF001 - what it would have read from a socket
    return answer


def main(build: str, name: str, *, shows_pages: bool) -> None:
    """Run one of the two, then print the marks."""
    layers = ("CloseloopLayer", "DependenciesLayer", "WorkflowsLayer")
    sys.path[:0] = [f"{build}/{layer}/python" for layer in layers]
    mark("bare")
    if name == "reference":
        reference()
    else:
        folder = "".join(word.capitalize() for word in name.split("_"))
        sys.path.insert(0, f"{build}/{folder}Function")
        function(name, shows_pages=shows_pages)
    for stage, child, modules in MARKS:
        print("MARK", stage, child, modules)
    print("LOADED", *sorted({module.partition(".")[0] for module in sys.modules}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], shows_pages=sys.argv[3:] == ["pages"])
