"""The manifests, rendered as `kubectl kustomize` does and checked without a cluster."""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
import yaml

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def documents(path: pathlib.Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def rendered() -> list[dict[str, Any]]:
    """The resources of the kustomization, in its namespace, with its images."""
    (kustomization,) = documents(HERE / "kustomization.yaml")
    images = {image["name"]: f"{image['newName']}:{image['newTag']}" for image in kustomization["images"]}
    found = []
    for name in kustomization["resources"]:
        for document in documents(HERE / name):
            document["metadata"]["namespace"] = kustomization["namespace"]
            for container in pod_of(document).get("containers", []):
                container["image"] = images[container["image"]]
            found.append(document)
    return found


def pod_of(document: dict[str, Any]) -> dict[str, Any]:
    return document.get("spec", {}).get("template", {}).get("spec", {})


def one(kind: str) -> dict[str, Any]:
    (document,) = [document for document in rendered() if document["kind"] == kind]
    return document


def worker() -> dict[str, Any]:
    (container,) = pod_of(one("Deployment"))["containers"]
    return container


def test_everything_is_rendered_once_and_by_a_known_version() -> None:
    kinds = {document["kind"]: document["apiVersion"] for document in rendered()}
    assert kinds == {
        "ServiceAccount": "v1",
        "ConfigMap": "v1",
        "Deployment": "apps/v1",
        "PodDisruptionBudget": "policy/v1",
        "ScaledObject": "keda.sh/v1alpha1",
        "TriggerAuthentication": "keda.sh/v1alpha1",
    }
    listed = {name for name in documents(HERE / "kustomization.yaml")[0]["resources"]} | {"kustomization.yaml"}
    assert listed == {path.name for path in HERE.glob("*.yaml")}
    assert re.fullmatch(r"[a-z0-9./-]+:[0-9]\S*", worker()["image"]), "an image is named with its version"


def test_whoever_selects_pods_selects_the_workers() -> None:
    deployment = one("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert one("ScaledObject")["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert "replicas" not in deployment["spec"], "the number is KEDA's"
    assert pod_of(deployment)["serviceAccountName"] == one("ServiceAccount")["metadata"]["name"]
    (reference,) = worker()["envFrom"]
    assert reference["configMapRef"]["name"] == one("ConfigMap")["metadata"]["name"]
    names = {trigger["authenticationRef"]["name"] for trigger in triggers("aws-sqs-queue")}
    assert names == {one("TriggerAuthentication")["metadata"]["name"]}


@pytest.mark.parametrize("which", ["Deployment", "Job"])
def test_pods_have_the_least_privilege(which: str) -> None:
    document = one("Deployment") if which == "Deployment" else documents(HERE / "migrate/job.yaml")[0]
    pod = pod_of(document)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    dockerfile = (ROOT / "ops/container/Dockerfile").read_text(encoding="utf-8")
    user, group = re.findall(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE)[0]
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == (int(user), int(group))
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
    for volume in pod.get("volumes", []):
        assert "hostPath" not in volume


def test_a_pod_is_given_the_time_that_its_drain_may_take() -> None:
    source = (ROOT / "Sources/waybill/Worker/WorkerProcess.swift").read_text(encoding="utf-8")
    drain = int(re.findall(r"longestDrain = Duration\.seconds\((\d+)\)", source)[0])
    assert pod_of(one("Deployment"))["terminationGracePeriodSeconds"] >= drain + 10
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert int(compose["services"]["worker"]["stop_grace_period"].removesuffix("s")) >= drain + 10


def test_the_probes_ask_what_the_worker_answers() -> None:
    source = (ROOT / "Sources/waybill/Worker/HealthServer.swift").read_text(encoding="utf-8")
    routes = set(re.findall(r'"GET (/\w*)"', source))
    ports = {port["name"]: port["containerPort"] for port in worker()["ports"]}
    dockerfile = (ROOT / "ops/container/Dockerfile").read_text(encoding="utf-8")
    assert f"WAYBILL_HTTP_PORT={ports['http']}" in dockerfile
    asked = {name: worker()[name]["httpGet"] for name in ("livenessProbe", "startupProbe", "readinessProbe")}
    assert {name: probe["path"] for name, probe in asked.items()} == {
        "livenessProbe": "/livez",
        "startupProbe": "/livez",
        "readinessProbe": "/readyz",
    }
    assert {probe["path"] for probe in asked.values()} <= routes
    assert {probe["port"] for probe in asked.values()} == {"http"}
    annotations = one("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/path"] in routes
    assert annotations["prometheus.io/port"] == str(ports["http"])


def test_an_upgrade_leaves_no_gap_and_a_node_can_always_be_emptied() -> None:
    update = one("Deployment")["spec"]["strategy"]["rollingUpdate"]
    assert update == {"maxSurge": 1, "maxUnavailable": 0}
    budget = one("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget


def test_the_settings_exist() -> None:
    listed = (ROOT / "Sources/waybill/Composition/Setting.swift").read_text(encoding="utf-8")
    keys = re.findall(r'key: "(\w+)"', listed)
    known = {"WAYBILL_" + re.sub(r"([A-Z])", r"_\1", key).upper() for key in keys}
    names = set(one("ConfigMap")["data"]) | {variable["name"] for variable in worker()["env"]}
    assert {name for name in names if name.startswith("WAYBILL_")} <= known
    assert "AWS_REGION" in names
    assert not any(re.search("PASSWORD|SECRET|POSTGRES", name) for name in one("ConfigMap")["data"])


def triggers(kind: str) -> list[dict[str, Any]]:
    return [trigger for trigger in one("ScaledObject")["spec"]["triggers"] if trigger["type"] == kind]


def test_keda_follows_the_workers_number_and_notices_work_at_zero() -> None:
    scaled = one("ScaledObject")["spec"]
    settings = one("ConfigMap")["data"]
    assert scaled["minReplicaCount"] == int(settings["WAYBILL_MIN_WORKERS"])
    assert scaled["maxReplicaCount"] == int(settings["WAYBILL_MAX_WORKERS"])
    (prometheus,) = triggers("prometheus")
    (metric,) = re.findall(r"^max\((\w+)\{", prometheus["metadata"]["query"])
    source = (ROOT / "Sources/waybill/Worker/HealthServer.swift").read_text(encoding="utf-8")
    assert f"{metric} " in source
    assert prometheus["metadata"]["threshold"] == "1" and prometheus["metricType"] == "AverageValue"
    assert {trigger["metadata"]["activationQueueLength"] for trigger in triggers("aws-sqs-queue")} == {"0"}
    (database,) = triggers("postgresql")
    assert database["metadata"]["activationTargetQueryValue"] == "0"


def test_the_triggers_count_a_worker_as_the_formula_does() -> None:
    source = (ROOT / "Sources/WaybillCore/Demand/WorkerDemand.swift").read_text(encoding="utf-8")
    settings = (ROOT / "Sources/waybill/Composition/Setting.swift").read_text(encoding="utf-8")
    wait = int(re.findall(r"let wait = Duration\.seconds\((\d+)\)", source)[0])
    milliseconds = int(re.findall(r"timePerEmail = Duration\.milliseconds\((\d+)\)", source)[0])
    events = int(re.findall(r"eventsPerSecond = (\d+)", source)[0])
    concurrency = int(re.findall(r'key: "concurrency", fallback: "(\d+)"', settings)[0])
    lengths = {
        re.findall(r"waybill-(\w+)-", trigger["metadata"]["queueURL"])[0]: int(trigger["metadata"]["queueLength"])
        for trigger in triggers("aws-sqs-queue")
    }
    assert lengths == {"orders": concurrency * 1000 // milliseconds * wait, "feedback": events * wait}
