"""compose.yaml and the Dockerfiles, checked without a daemon; ops/test-compose runs them."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
import yaml

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
#: What a build argument of the Dockerfiles is when compose.yaml does not say.
DEFAULTS = {"${BINARY}": ".run/container/waybill"}
ONE_SHOT = {"migrate", "setup", "demo"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_bounded_and_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and "/tmp" in service["tmpfs"]
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cpus"] > 0 and re.fullmatch(r"\d+m", service["mem_limit"])
    assert not {"privileged", "network_mode", "pid", "ipc"} & set(service)
    assert "ports" not in service, "a port of the machine is for one container; published.yaml shows them on loopback"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_healthy_or_ends_by_itself(name: str) -> None:
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["healthcheck"] == {"disable": True} and service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    # The worker's is the image's.
    assert name == "worker" or service["healthcheck"]["test"][0] == "CMD"


def test_everybody_waits_for_what_he_needs() -> None:
    conditions = {
        name: {other: entry["condition"] for other, entry in service.get("depends_on", {}).items()}
        for name, service in SERVICES.items()
    }
    assert conditions == {
        "postgres": {},
        "local-aws": {},
        "migrate": {"postgres": "service_healthy"},
        "setup": {"local-aws": "service_healthy"},
        "worker": {"migrate": "service_completed_successfully", "setup": "service_completed_successfully"},
        "demo": {"worker": "service_healthy"},
    }
    assert SERVICES["demo"]["profiles"] == ["demo"]


def test_what_is_to_last_is_in_a_volume() -> None:
    named = {entry.split(":")[0] for service in SERVICES.values() for entry in service.get("volumes", [])}
    assert set(COMPOSE["volumes"]) == {"postgres", "local-aws"} <= named


def test_the_settings_exist() -> None:
    listed = (ROOT / "Sources/waybill/Composition/Setting.swift").read_text(encoding="utf-8")
    known = {"WAYBILL_" + re.sub(r"([A-Z])", r"_\1", key).upper() for key in re.findall(r'key: "(\w+)"', listed)}
    used = set(SERVICES["worker"]["environment"])
    assert {name for name in used if name.startswith("WAYBILL_")} <= known


@pytest.mark.parametrize("path", sorted(HERE.rglob("*Dockerfile")), ids=lambda path: path.name)
def test_every_base_image_is_a_build_argument_and_nobody_is_root(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE))
    for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        argument = re.fullmatch(r"\$\{(\w+)\}", base)
        assert base in stages or (argument and f"ARG {argument[1]}" in text), base
    if path.parent != HERE / "stand-in":
        assert re.search(r"^USER \d+:\d+$", text, re.MULTILINE)
    assert not re.search(r"^(ENTRYPOINT|CMD|HEALTHCHECK.*CMD) [^\[]", text, re.MULTILINE), "no shell between signal and program"


def test_both_targets_are_there_and_the_binary_one_needs_no_compiler() -> None:
    text = (HERE / "Dockerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM (\S+) AS (\w+)$", text, re.MULTILINE)
    assert [name for _, name in stages] == ["runtime", "binary", "build", "source"]
    assert dict((name, base) for base, name in stages)["binary"] == "runtime"


@pytest.mark.parametrize("name", ["Dockerfile", "local-aws.Dockerfile"])
def test_whatever_an_image_copies_may_be_sent_to_the_daemon(name: str) -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = [line.removeprefix("!") for line in lines if line.startswith("!")]
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (HERE / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert copies
    for source in " ".join(copies).split():
        path = DEFAULTS.get(source, source)
        assert any(path == rule or path.startswith(f"{rule}/") for rule in admitted), f"{path} is not in .dockerignore"
        assert list(ROOT.glob(path)) or path.startswith(".run/"), f"{path} does not exist"
