"""The Kubernetes example: every object fits Kubernetes' own schemas, and what it promises of order, probes and networks stands in it."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from typing import Any

import kubernetes_validate
import pytest
import typer.main
import yaml

from aid.cli.main import app
from aid.operations.listener import PLACES
from aid.settings import PROJECT, Settings

FOLDER = PROJECT / "deploy" / "kubernetes"
PROCESSES = ["doors", "rasa", "actions"]
OBJECTS: dict[str, dict[str, Any]] = defaultdict(dict)
LIST: list[dict[str, Any]] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))["resources"]
for file in LIST:
    for found in yaml.safe_load_all((FOLDER / str(file)).read_text("utf-8")):
        OBJECTS[found["kind"]][found["metadata"]["name"]] = found


def pods() -> dict[str, dict[str, Any]]:
    found = {name: one["spec"]["template"]["spec"] for kind in ("Deployment", "Job") for name, one in OBJECTS[kind].items()}
    return found | {name: one["spec"]["jobTemplate"]["spec"]["template"]["spec"] for name, one in OBJECTS["CronJob"].items()}


def test_every_object_fits_the_schema_and_every_file_is_listed() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*map(str, LIST), "kustomization.yaml"}
    for kind in OBJECTS.values():
        for one in kind.values():
            kubernetes_validate.validate(one, "1.32", strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**OBJECTS["Deployment"]["doors"], "spec": {"replica": 2}}, "1.32", strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kubectl_puts_the_files_together() -> None:
    done = subprocess.run(["kubectl", "kustomize", FOLDER], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(list(yaml.safe_load_all(done.stdout))) == sum(len(kind) for kind in OBJECTS.values())


@pytest.mark.parametrize("name", PROCESSES)
def test_of_each_process_there_are_two_and_never_fewer_while_they_are_renewed(name: str) -> None:
    deployment = OBJECTS["Deployment"][name]["spec"]
    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert OBJECTS["PodDisruptionBudget"][name]["spec"]["minAvailable"] == 1
    assert OBJECTS["HorizontalPodAutoscaler"][name]["spec"]["minReplicas"] == 2
    [container] = deployment["template"]["spec"]["containers"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] >= 30


def test_the_doors_are_alive_without_a_database_and_ready_only_with_one() -> None:
    [container] = pods()["doors"]["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_every_pod_runs_with_the_least_rights() -> None:
    assert len(pods()) == 6
    for name, pod in pods().items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        [container] = pod["containers"]
        shut = container["securityContext"]
        assert (shut["allowPrivilegeEscalation"], shut["capabilities"]["drop"]) == (False, ["ALL"]), name
        assert container["resources"]["limits"]["memory"], name


def test_rasa_reaches_the_action_servers_and_its_trackers_alone_and_holds_no_key() -> None:
    def reached(policy: str) -> set[str]:
        rules = OBJECTS["NetworkPolicy"][policy]["spec"]["egress"]
        return {str((to.get("podSelector", {}).get("matchLabels", {}).get("app")) or sorted(to)) for rule in rules for to in rule["to"]}

    assert reached("rasa") == {"actions", "postgresql", "['namespaceSelector']"}
    assert "['ipBlock']" in reached("doors")
    assert "['ipBlock']" not in reached("actions") | reached("console") | reached("prepare")
    assert OBJECTS["NetworkPolicy"]["nothing-else"]["spec"]["podSelector"] == {}
    assert [volume["secret"]["secretName"] for volume in pods()["rasa"]["volumes"] if "secret" in volume] == ["rasa-trackers"]
    assert "envFrom" not in pods()["rasa"]["containers"][0]


def test_secrets_are_named_and_not_written_and_every_variable_is_a_setting() -> None:
    assert "Secret" not in OBJECTS
    known = {f"AID_{name.upper()}" for name in Settings.model_fields} | {"AID_SECRETS_DIR", "FORWARDED_ALLOW_IPS"}
    settings = OBJECTS["ConfigMap"]["aid-settings"]["data"]
    assert set(settings) <= known
    assert not set(settings) & {"AID_DATABASE_URL", "AID_DATA_KEY", "AID_TOKEN_KEY"}
    for address in (settings["AID_RASA_ADDRESSES"], settings["AID_ACTIONS_ADDRESSES"]):
        name, _, port = address.removeprefix("http://").partition(":")
        assert OBJECTS["Service"][name]["spec"]["ports"][0]["port"] == int(port)


def test_figures_are_not_led_out_and_streams_are_not_held_back() -> None:
    ingress = OBJECTS["Ingress"]["aid"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    [rule] = ingress["spec"]["rules"]
    led = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert led == {"/metrics": "nobody", "/readyz": "nobody", "/": "doors"}
    assert "nobody" not in OBJECTS["Deployment"]


def test_prometheus_alone_reaches_the_figures_of_each_process() -> None:
    first = int(OBJECTS["ConfigMap"]["aid-settings"]["data"]["AID_METRICS_PORT"])
    for name in ("doors", "actions", "console"):
        port = first + PLACES[name]
        [container] = pods()[name]["containers"]
        assert {"name": "figures", "containerPort": port} in container["ports"]
        assert OBJECTS["Deployment"][name]["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(port)
        opened = [rule for rule in OBJECTS["NetworkPolicy"][name]["spec"]["ingress"] if port in [one["port"] for one in rule["ports"]]]
        assert [rule["from"] for rule in opened] == [[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]], name


def test_the_backup_comes_every_night_and_its_keys_lie_on_a_claim_of_their_own() -> None:
    job = OBJECTS["CronJob"]["aid-backup"]["spec"]
    assert (job["schedule"], job["timeZone"], job["concurrencyPolicy"]) == ("0 2 * * *", "Asia/Shanghai", "Forbid")
    [container] = pods()["aid-backup"]["containers"]
    words = container["command"]
    typer.main.get_command(app).commands["backup"].make_context("aid", list(words[2:]))  # type: ignore[attr-defined]
    claims = {
        volume["name"]: volume["persistentVolumeClaim"]["claimName"]
        for volume in pods()["aid-backup"]["volumes"]
        if "secret" not in volume and "emptyDir" not in volume
    }
    at = {mount["mountPath"]: claims.get(mount["name"]) for mount in container["volumeMounts"]}
    assert (at[words[2]], at[words[4]], at["/var/lib/aid"]) == ("aid-backup", "aid-backup-keys", "aid-var")
    assert {"aid-backup", "aid-backup-keys", "aid-var"} <= set(OBJECTS["PersistentVolumeClaim"])
    [label] = {OBJECTS["CronJob"]["aid-backup"]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]["app"]}
    reaching = OBJECTS["NetworkPolicy"]["prepare"]["spec"]["podSelector"]["matchExpressions"][0]["values"]
    assert label in reaching, "it reaches PostgreSQL"
