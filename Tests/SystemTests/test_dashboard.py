"""The dashboard asks for what the agent tells: each metric, each label and each word of a label that it names."""
import json
import os
import re
import subprocess

from agent import TOP
from patience import patience
from test_metrics import LABEL, SAMPLE, busy

PANELS = json.load(open(os.path.join(TOP, "packaging", "grafana-dashboard.json")))["panels"]
#: What Grafana puts into a query before it asks.
VARIABLES = {"$instance": "host", "$__rate_interval": "5m"}
#: Prometheus gives these to what it scrapes.
ITS_OWN = {"instance", "job", "le"}


def queries():
    for panel in PANELS:
        for target in panel["targets"]:
            query = target["expr"]
            for variable, value in VARIABLES.items():
                query = query.replace(variable, value)
            yield panel["title"], query, target["legendFormat"]


def test_each_metric_and_label_is_one_that_the_agent_tells(rig):
    told = {}
    for line in busy(rig).splitlines():
        if not line.startswith("#"):
            name, labels, _ = SAMPLE.fullmatch(line).groups()
            for label, value in [("", "")] + LABEL.findall(labels or ""):
                told.setdefault(name, {}).setdefault(label, set()).add(value)
    for title, query, legend in queries():
        names = re.findall(r"plughook_\w+", query)
        assert names, f"{title}: asks for no metric of the agent"
        for name in names:
            assert name in told, f"{title}: the agent tells no {name}"
            grouped = re.findall(r"\w+", " ".join(re.findall(r" by \(([^)]*)\)", query)))
            for label in {*grouped, *re.findall(r"{{(\w+)}}", legend)} - ITS_OWN:
                assert label in told[name], f"{title}: {name} has no label {label}"
        for name, matchers in re.findall(r"(plughook_\w+){([^}]*)}", query):
            for label, value in re.findall(r'(\w+)="([^"]+)"', matchers):
                assert value in told[name][label], f"{title}: {name} has no {label} {value}"


def test_each_query_is_one_that_prometheus_reads(tmp_path):
    rules = [{"record": f"panel:{n}", "expr": query} for n, (_, query, _) in enumerate(queries())]
    # JSON is YAML, too.
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True,
                          timeout=patience(60))
    assert done.returncode == 0, done.stdout + done.stderr


def test_panels_do_not_overlap():
    taken = {}
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
