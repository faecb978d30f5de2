"""Deploy the real template to the emulator with the real SAM CLI, as anyone would to AWS."""

import os
import secrets
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.cloud import ROOT as CREDENTIALS
from sandbox.cloud import Deployment
from sandbox.commands import run
from sandbox.place import Place
from sandbox.progress import Progress
from sandbox.world import World

_ENVIRONMENT = "local"


def deploy(world: World, progress: Progress) -> Deployment:
    """Deploy the built template, connect it to this world, and return what it says of itself."""
    place = world.place
    settings = samconfig(place.root)
    parameters = {**settings.parameters, **_connections(place)}
    with progress.step("Deploying to the emulator"):
        run(_command(place, settings.stack, parameters), place, progress, _environment(place))
    deployment = Deployment.of(world.cloud.outputs(settings.stack))
    # What a deployer does by hand once: verify the sender, give the product the core's key.
    world.cloud.client("sesv2").create_email_identity(EmailIdentity=parameters["EmailSender"])
    world.core_key = secrets.token_urlsafe(32)
    world.cloud.put_secret(deployment.outputs["CoreSecretArn"], {"api_key": world.core_key})
    return deployment


def endpoints(place: Place) -> dict[str, str]:
    """The services that functions reach through the sandbox, where faults act."""
    services = ("SNS", "SESV2", "SOCIALMESSAGING")
    return {f"AWS_ENDPOINT_URL_{service}": place.inner_url for service in services}


class Samconfig:
    """The `local` part of samconfig.toml: the stack's name and its fixed parameters."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.stack = str(_either(content, "stack_name"))
        written = _either(content, "parameter_overrides")
        words = shlex.split(written if isinstance(written, str) else " ".join(written))
        self.parameters = dict(word.split("=", 1) for word in words)


def samconfig(root: Path) -> Samconfig:
    """Read the `local` part of samconfig.toml."""
    return Samconfig(tomllib.loads((root / "samconfig.toml").read_text())[_ENVIRONMENT])


def _either(content: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - TOML is what it is
    for command in ("deploy", "global"):
        if name in content.get(command, {}).get("parameters", {}):
            return content[command]["parameters"][name]
    raise KeyError(name)


def _connections(place: Place) -> dict[str, str]:
    return {
        "PublicBaseUrl": place.url,
        "CoreBaseUrl": place.inner_url,
        "ClockUrl": f"{place.inner_url}/sandbox/clock",
        "WhatsAppEndpoint": place.inner_url,
        "TimeScale": str(place.time_scale),
    }


def _command(place: Place, stack: str, parameters: Mapping[str, str]) -> list[str | Path]:
    overrides = [f"{name}={shlex.quote(value)}" for name, value in parameters.items()]
    return [
        *(place.sam, "deploy", "--config-env", _ENVIRONMENT, "--stack-name", stack),
        *("--region", place.region, "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
        *("--parameter-overrides", *overrides),
    ]


def _environment(place: Place) -> dict[str, str]:
    """Nothing of the caller's AWS set-up may decide where this goes: only to the emulator."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAM_"))}
    return {
        **kept,
        **{name.upper(): value for name, value in CREDENTIALS.items()},
        "AWS_ENDPOINT_URL": place.emulator_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }
