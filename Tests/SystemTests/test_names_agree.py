"""One thing has one name: in the OpenAPI document, in the schema of the configuration, and on the command line."""
import json
import os
import re
import subprocess

import pytest

from agent import BINARY, TOP
from canned_agent import commands
from patience import patience

#: Which command reaches an operation. What the document has and this does not is a command that is missing.
REACHED_BY = {
    "GET /v1/status": "status",
    "GET /v1/devices": "devices",
    "GET /v1/devices/{udid}": "devices show",
    "DELETE /v1/devices/{udid}": "devices forget",
    "POST /v1/devices/{udid}/expect-absence": "expect-absence",
    "DELETE /v1/devices/{udid}/expect-absence": "expect-absence",
    "GET /v1/sessions": "sessions list",
    "POST /v1/sessions": "sessions start",
    "GET /v1/sessions/{id}": "sessions show",
    "DELETE /v1/sessions/{id}": "sessions end",
    "POST /v1/sessions/{id}/heartbeat": "sessions heartbeat",
    "GET /v1/events": "events",
    "GET /v1/events/stream": "events",
    "GET /v1/webhooks": "webhooks list",
    "POST /v1/webhooks": "webhooks create",
    "GET /v1/webhooks/{id}": "webhooks show",
    "PATCH /v1/webhooks/{id}": "webhooks edit",
    "DELETE /v1/webhooks/{id}": "webhooks delete",
    "GET /v1/webhooks/{id}/match": "webhooks match",
    "GET /v1/webhooks/{id}/preview": "webhooks preview",
    "POST /v1/webhooks/{id}/test": "webhooks test",
    "POST /v1/webhooks/{id}/suspend": "webhooks suspend",
    "POST /v1/webhooks/{id}/resume": "webhooks resume",
    "GET /v1/deliveries": "deliveries list",
    "GET /v1/deliveries/{id}": "deliveries show",
    "POST /v1/deliveries/redeliver": "deliveries redeliver",
    "POST /v1/deliveries/{id}/redeliver": "deliveries redeliver",
    "GET /v1/tokens": "tokens list",
    "POST /v1/tokens": "tokens create",
    "DELETE /v1/tokens/{name}": "tokens revoke",
    "POST /v1/config/reload": "reload",
    "GET /v1/audit": "audit",
    "POST /v1/page/links": "page",
}

#: Commands that ask for what another asks for, too.
BESIDES = {"sessions run", "webhooks secret rotate"}

#: Members that are more than one value, and the options that make them.
MADE_BY = {"secrets": {"secret-file", "secret-env", "unsigned"},
           "auth": {"bearer-file", "bearer-env", "basic-user", "basic-file", "basic-env", "no-auth"},
           "tls": {"ca-file", "certificate-file", "key-file", "pin", "tls-min-version", "no-tls"},
           "addresses": {"allow-address", "deny-address", "public-only", "host-addresses"},
           "template": {"template", "content-type"},
           "headers": {"header", "no-headers"},
           "devices": {"udid", "device-name", "platform", "device-label", "port", "all-devices"}}

#: What no person asks for at a terminal, and why.
FOR_PROGRAMS = {
    "GET /": "a browser asks it, and what follows",
    "GET /page/{file}": "a browser asks it",
    "GET /page/session": "a browser asks it",
    "POST /page/session": "a browser asks it, with the code that `page` prints",
    "DELETE /page/session": "a browser asks it",
    "GET /healthz": "probes ask it; `status` says more",
    "GET /readyz": "probes ask it; `status` says more",
    "GET /metrics": "Prometheus asks it",
    "GET /v1/openapi.json": "clients are made from it",
    "POST /v1/sessions/{id}/hold": "a program's connection is lost with the agent; `sessions run` is bound to its process",
    "GET /v1/config": "a person has the file",
    "POST /v1/webhooks/match": "the page asks while a filter is being written; `webhooks match` asks of what is saved",
    "POST /v1/webhooks/preview": "the page asks before a webhook is saved; `webhooks preview` asks of what is saved",
    "POST /v1/page/secrets": "`webhooks secret new` prints one, and the shell puts it where it is to be",
    "PUT /v1/webhooks/{id}": "`webhooks edit` changes what it names (PATCH), and nothing else",
}

#: What the agent says of a webhook and nobody writes. `id` is given by the agent, or by who writes the file by hand.
READ_ONLY = {"id", "isSuspended", "away", "waiting", "inFlight", "etag"}

#: Options of the commands that are no member of a webhook.
ABOUT_THE_COMMAND = {"socket", "config", "json", "help", "version"}


@pytest.fixture(scope="module")
def api():
    with open(os.path.join(TOP, "Sources/ControlAPI/OpenAPI/openapi.json")) as f:
        return json.load(f)


@pytest.fixture(scope="module")
def schema():
    return json.loads(subprocess.run([BINARY, "schema"], capture_output=True, check=True, timeout=patience(30)).stdout)


@pytest.fixture(scope="module")
def cli():
    return dict(commands())


def operations(api):
    return {f"{method.upper()} {path}" for path, methods in api["paths"].items() for method in methods
            if method in ("get", "put", "post", "patch", "delete")}


def members(schema):
    """What may be written of a webhook. What has one possible value is not yet a choice, and shown nowhere else."""
    properties = schema["properties"]["webhooks"]["items"]["properties"]
    return {name for name, member in properties.items() if member.get("not") != {} and "const" not in member}


def options(command):
    """The long names by which the options of a command are called, the arguments of no name left out."""
    return {a["preferredName"]["name"] for a in command["arguments"] if a["kind"] != "positional"}


def kebab(name):
    return re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name)


def enumerations(document, place="#"):
    """(where, words) of each `enum` of a document."""
    if isinstance(document, dict):
        if isinstance(document.get("enum"), list):
            yield place, document["enum"]
        for key, value in document.items():
            yield from enumerations(value, f"{place}/{key}")
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from enumerations(value, f"{place}/{index}")


def words_of(command, option):
    return next(a["allValues"] for a in command["arguments"] if a.get("preferredName", {}).get("name") == option)


def same(what, left, left_name, right, right_name):
    left, right = set(left), set(right)
    assert left == right, (f"{what} differ: only in {left_name}: {sorted(left - right) or 'none'}; "
                           f"only in {right_name}: {sorted(right - left) or 'none'}")


def test_each_operation_has_a_command(api, cli):
    known = {**REACHED_BY, **FOR_PROGRAMS}
    missing = sorted(operations(api) - known.keys())
    assert not missing, f"no command is known for {missing}: add one, or say in FOR_PROGRAMS why there is none"
    for operation, command in REACHED_BY.items():
        assert command in cli, f"`plughook {command}`, which is to reach {operation}, does not exist"


def test_each_command_that_asks_the_agent_has_an_operation(cli):
    asking = {command for command, facts in cli.items() if "socket" in options(facts)}
    reached = {*REACHED_BY.values(), *BESIDES}
    same("commands that ask the agent", asking, "the program", reached, "REACHED_BY and BESIDES of this test")


def test_a_webhook_has_the_same_members_in_the_api_and_in_the_file(api, schema):
    schemas = api["components"]["schemas"]
    same("members of a webhook", schemas["Webhook"]["properties"], "OpenAPI's Webhook",
         members(schema) | READ_ONLY, "`plughook schema`, with what is read-only")
    same("members of a definition", schemas["WebhookDefinition"]["properties"], "OpenAPI's WebhookDefinition",
         members(schema) - READ_ONLY, "`plughook schema`, without what is read-only")


@pytest.mark.parametrize("verb", ["create", "edit"])
def test_each_member_of_a_webhook_is_an_option(schema, cli, verb):
    given = options(cli[f"webhooks {verb}"]) - ABOUT_THE_COMMAND
    assert {"enabled", "disabled"} <= given  # the two values of one member
    wanted = set().union(*(MADE_BY.get(name, {kebab(name)}) for name in members(schema) - READ_ONLY))
    same(f"options of `webhooks {verb}`", given - {"disabled"}, "its help", wanted, "`plughook schema`")


def test_an_option_has_the_bounds_of_its_member_in_its_help(api, schema, cli):
    definition = api["components"]["schemas"]["WebhookDefinition"]["properties"]
    for name, member in schema["properties"]["webhooks"]["items"]["properties"].items():
        if name not in members(schema) - READ_ONLY or name in MADE_BY:
            continue
        for bound in {"minimum", "maximum", "maxLength"} & member.keys():
            assert definition[name].get(bound) == member[bound], f"{bound} of {name} in OpenAPI and in the schema"
        for verb in ("create", "edit"):
            argument = next(a for a in cli[f"webhooks {verb}"]["arguments"]
                            if a.get("preferredName", {}).get("name") == kebab(name))
            for bound in {"minimum", "maximum", "maxLength"} & member.keys():
                assert re.search(rf"\b{member[bound]}\b", argument["abstract"]), (
                    f"--{kebab(name)} of `webhooks {verb}` does not say its {bound}, {member[bound]}")


def test_an_announced_absence_has_the_same_bounds_at_the_command(api, cli):
    announced = api["components"]["schemas"]["AbsenceAnnouncement"]["properties"]
    help_of = {a["preferredName"]["name"]: a["abstract"] for a in cli["expect-absence"]["arguments"]
               if a["kind"] == "option"}
    spans = {n: f"{n // 60}m" if n % 60 == 0 else f"{n}s" for n in (announced["seconds"][bound] for bound in (
        "minimum", "maximum", "default"))}
    for words in spans.values():
        assert re.search(rf"\b{words}\b", help_of["for"]), (words, help_of["for"])
    assert re.search(rf"\b{announced['reason']['maxLength']}\b", help_of["reason"])


def test_a_vocabulary_has_the_same_words_everywhere(api, schema, cli):
    """Wherever one of its words may be given or is told, all of them are, and no other."""
    states = words_of(cli["webhooks create"], "events")
    permissions = words_of(cli["tokens create"], "permissions")
    deliveries = words_of(cli["deliveries list"], "state")
    groups = schema["properties"]["devices"]["items"]["properties"]["group"]["enum"]
    same("states of a phone", words_of(cli["devices"], "status"), "`devices --status`", states, "`webhooks --events`")
    found = {"OpenAPI": list(enumerations(api)), "`plughook schema`": list(enumerations(schema))}
    for vocabulary, words, documents in [
            ("states of a phone", states, ["OpenAPI", "`plughook schema`"]),
            ("groups of phones", groups, ["OpenAPI", "`plughook schema`"]),
            ("states of a callback", deliveries, ["OpenAPI"]), ("permissions", permissions, [])]:
        for document, enums in found.items():
            # What becomes of a phone whose sensor is away is a choice of its own, one word of which is a state.
            used = [(place, words_there) for place, words_there in enums
                    if set(words_there) & set(words) and not place.endswith("onSensorLoss")]
            assert used or document not in documents, f"no {vocabulary} in {document}"
            for place, words_there in used:
                same(vocabulary, words_there, f"{document} at {place}", words, "the command line or the file")


def test_the_permissions_of_the_operations_are_those_of_tokens(api, cli):
    needed = {word for methods in api["paths"].values() for operation in methods.values()
              for word in re.findall(r"the permission ([a-z_.]+)\.", operation.get("description", ""))}
    unknown = needed - set(words_of(cli["tokens create"], "permissions"))
    assert needed and not unknown, f"`tokens create` cannot give {sorted(unknown)}, which operations need"
    with open(os.path.join(TOP, "Sources/Core/Access/Permission.swift")) as f:
        same("permissions", re.findall(r'case \w+ = "([a-z_]+\.[a-z_]+)"', f.read()), "Permission.swift",
             words_of(cli["tokens create"], "permissions"), "`tokens create`")
