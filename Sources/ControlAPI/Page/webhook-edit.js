// Creating a webhook, and editing one: what is wrong is said beside its field, and what somebody else has changed meanwhile is
// shown beside what was written here.
import { call, get, path } from "./api.js";
import { announce, bdi, copyButton, h, problemBox, setText } from "./dom.js";
import * as composed from "./parts.js";
import * as fields from "./fields.js";
import { pretty } from "./delivery.js";
import { compare, patchOf } from "./merge.js";
import { EVENTS } from "./words.js";
import { matchList, scopeText } from "./webhook.js";

/** What a webhook is where its definition says nothing. */
const DEFAULTS = {
    name: "", url: "", description: "", events: [], enabled: true, format: "kobiton",
        template: { contentType: "application/json; charset=utf-8" },
    devices: {}, secrets: [], auth: {}, headers: {}, backlog: "all", timeoutMs: 15000, connectTimeoutMs: 5000,
        tls: { minVersion: "1.2" },
    addresses: { allow: [], deny: [], publicOnly: false }, proxy: "host",
};
const KEYS = Object.keys(DEFAULTS);

const faultText = (problem) => (problem.faults.length
    ? problem.faults.map((one) => `${one.pointer}: ${one.problem}: ${one.advice}`).join("\n") : problem.message);

const definitionOf = (webhook) => Object.fromEntries(KEYS.filter((key) => webhook[key] !== undefined).map((key) => [key,
    webhook[key]]));

function valueText(key, value) {
    if (typeof value === "string") return value ? bdi(value) : "(empty)";
    if (typeof value === "boolean") return value ? "on" : "off";
    if (key === "devices") return scopeText(value, "all phones");
    if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ") || "(none)";
    return bdi(JSON.stringify(value, null, 1));
}

export async function view(...parameters) {
    const id = parameters.length > 1 ? Number(parameters[0]) : null;
    let webhook = id === null ? null : await get(`/v1/webhooks/${id}`);
    let base = webhook ? definitionOf(webhook) : DEFAULTS;
    const faults = new fields.Faults();
    const box = problemBox();
    let hasMatch = true;
    let matchTimer = null;
    let matchAsked = 0;

    // ------------------------------------------------------------ which phones it fits, as it is written

    function matchSoon() {
        clearTimeout(matchTimer);
        matchTimer = setTimeout(showMatch, 250);
    }

    async function showMatch() {
        if (!hasMatch) return;
        const asked = ++matchAsked;
        try {
            const match = await call("POST", "/v1/webhooks/match", { devices: devices.read() });
            if (asked === matchAsked) devices.result.replaceChildren(...matchList(match));
        } catch (problem) {
            if (asked !== matchAsked) return;
            if (problem.status === 404 || problem.status === 405) {
                hasMatch = false;
                devices.result.replaceChildren();
            } else {
                const first = problem.faults[0];
                devices.result.replaceChildren(h("p", { class: "fault" }, first
                    ? `${first.pointer}: ${first.problem}: ${first.advice}` : problem.message));
            }
        }
    }

    // ------------------------------------------------------------ what would be sent, as it is written

    let previewTimer = null;
    let previewAsked = 0;
    const event = h("select", { id: "event", onchange: showPreview },
        Object.keys(EVENTS).map((one) => h("option", { value: one }, one)));
    const body = h("pre", { class: "preview", tabindex: "0", "aria-label": "Preview of a callback" });
    const preview = h("details", { ontoggle: showPreview }, h("summary", null, "What would be sent"),
        h("p", null, h("label", { class: "inline", for: "event" }, "Event ", event)), body);

    function previewSoon() {
        clearTimeout(previewTimer);
        previewTimer = setTimeout(showPreview, 400);
    }

    async function showPreview() {
        if (!preview.open) return;
        const asked = ++previewAsked;
        try {
            const answer = await call("POST", path("/v1/webhooks/preview", { event: event.value }), wholeOf(read()));
            if (asked === previewAsked) setText(body, `${answer.headers.join("\n")}\n\n${pretty(answer.body)}`);
        } catch (problem) {
            if ([404, 405].includes(problem.status)) preview.hidden = true;
            else if (asked === previewAsked) setText(body, faultText(problem));
        }
    }

    // ------------------------------------------------------------ a new secret, shown once

    function makeSecret(made, use) {
        const name = h("input", { "aria-label": "Name of the new secret's file", placeholder: "ci-secret", autocomplete: "off",
            spellcheck: "false" });
        const fault = h("p", { class: "fault", role: "alert" });
        const button = h("button", {
            type: "button",
            onclick: async () => {
                setText(fault, "");
                try {
                    const { secret } = await call("POST", "/v1/page/secrets", { name: name.value.trim() });
                    made.append(h("div", { class: "secret" }, h("p", null, h("b", null, "The new secret, shown this once: "),
                        "give it to the receiver now."),
                        h("code", null, secret), copyButton(secret, "the secret")));
                    use(name.value.trim());
                    name.value = "";
                } catch (problem) {
                    if (problem.status === 404 || problem.status === 405) element.hidden = true;
                    setText(fault, problem.faults?.length
                        ? problem.faults.map((one) => `${one.problem}: ${one.advice}`).join("; ") : problem.message);
                }
            },
        }, "Make a new secret");
        const element = h("div", null, h("div", { class: "item" }, name, button), fault);
        return element;
    }

    // ------------------------------------------------------------ the form

    const devices = composed.devicesPart(faults, matchSoon);
    const [format, template] = composed.formatParts(faults);
    const first = [
        fields.textPart(faults, { key: "name", label: "Name", limit: 50, required: true }),
        fields.textPart(faults, { key: "url", label: "URL", limit: 512, required: true, inputmode: "url",
            placeholder: "https://ci.example.com/hooks/phones" }),
        fields.textPart(faults, { key: "description", label: "Description", limit: 512, lines: 2 }),
        composed.eventsPart(faults),
    ];
    const second = [
        fields.switchPart(faults, { key: "enabled", label: "Enabled", hint: "Off: no callbacks are made." }), format, template,
            devices,
        composed.secretsPart(faults, { makeSecret }), composed.authPart(faults), composed.headersPart(faults),
    ];
    const advanced = [
        fields.choicePart(faults, { key: "backlog", label: "After the receiver was away",
            options: { all: "Send every callback", latest: "Send of each phone the latest" } }),
        fields.numberPart(faults, { key: "timeoutMs", label: "Time-out in milliseconds" }),
        fields.numberPart(faults, { key: "connectTimeoutMs", label: "Time-out of connecting, in milliseconds" }),
        fields.textPart(faults,
            { key: "proxy", label: "Proxy", hint: "host (as the configuration has it), none, environment, or a proxy's URL." }),
        composed.tlsPart(faults), composed.addressesPart(faults),
    ];
    const parts = [...first, ...second, ...advanced];
    const notes = new Map();
    for (const part of parts) {
        const note = h("div", { class: "note", hidden: true });
        notes.set(part.key, note);
        part.element.append(note);
    }
    const save = h("button", { class: "primary" }, "Save");
    const title = webhook ? `Edit ${webhook.name}` : "Create Webhook";
    const element = h("div", { class: "form" },
        h("p", { class: "crumb" }, h("a", { href: "#/webhooks" }, "Webhook Settings")),
        h("h1", null, webhook ? ["Edit ", bdi(webhook.name)] : title),
        h("form", { onsubmit, novalidate: true, oninput: previewSoon, onclick: previewSoon }, box.element,
            h("section", { class: "card" }, first.map((part) => part.element)),
            h("section", { class: "card" }, second.map((part) => part.element)),
            h("section", { class: "card" }, h("details", null, h("summary", null,
                "Advanced: time-outs, TLS, proxy, addresses"), advanced.map((part) => part.element))),
            h("section", { class: "card" }, preview),
            h("p", { class: "bar actions" }, save, h("a", { class: "button", href: webhook ? `#/webhooks/${id}`
                : "#/webhooks" }, "Cancel"))));

    const read = () => Object.fromEntries(parts.map((part) => [part.key,
        part.read()]).filter(([, value]) => value !== undefined));

    function fill(definition) {
        for (const part of parts) if (definition[part.key] !== undefined) part.fill(definition[part.key]);
    }

    // ------------------------------------------------------------ saving

    async function onsubmit(event) {
        event.preventDefault();
        faults.clear();
        box.show(null);
        for (const note of notes.values()) note.hidden = true;
        save.disabled = true;
        try {
            const saved = await send(read());
            base = read();
            announce("Saved");
            location.hash = `#/webhooks/${saved.id}`;
        } catch (problem) {
            if (problem.status === 412 || (problem.status === 404 && webhook)) await meanwhile();
            else refused(problem);
        }
        save.disabled = false;
    }

    function patchTo(mine, from = base) {
        const patch = patchOf(from, mine);
        if (mine.format !== "template" && from.template?.file) patch.template = null;
        return patch;
    }

    function send(mine) {
        if (webhook) return call("PATCH", `/v1/webhooks/${id}`, patchTo(mine), { "if-match": `"${webhook.etag}"` });
        return call("POST", "/v1/webhooks", wholeOf(mine));
    }

    /** A definition without what it would be anyway. */
    function wholeOf(mine) {
        const said = Object.entries(patchTo(mine, DEFAULTS)).filter(([, value]) => value !== null);
        return { name: mine.name, url: mine.url, events: mine.events, ...Object.fromEntries(said) };
    }

    function refused(problem) {
        // A fault is told as of what was sent, or as of the whole file; that a name is taken is a conflict, and no fault.
        const named = problem.status === 409 && /\bname\b/.test(problem.message)
            ? [{ pointer: "/name", problem: "", advice: problem.message }] : [];
        const all = [...problem.faults.map((one) => ({ ...one, pointer: one.pointer.replace(/^\/webhooks\/\d+/, "") })),
            ...named];
        const { others, first: wrong } = faults.show(all);
        if (others.length || !all.length) {
            box.show(others.length ? new Error(others.map((one) => `${one.pointer}: ${one.problem}: ${one.advice}`).join("\n"))
                : problem);
        } else {
            announce(problem.message);
        }
        if (wrong) wrong.focus();
        else box.element.scrollIntoView({ block: "center" });
    }

    /** Somebody else has changed it, or deleted it: both are shown, and nothing that was written here is lost. */
    async function meanwhile() {
        let theirs;
        try {
            theirs = await get(`/v1/webhooks/${id}`);
        } catch (problem) {
            if (problem.status !== 404) return box.show(problem);
            webhook = null;
            base = DEFAULTS;
            return box.show(new Error("Somebody else has deleted this webhook meanwhile. What you have written is still here: "
                + "Save creates it anew, as another webhook."));
        }
        const found = compare(base, read(), definitionOf(theirs));
        for (const part of parts) {
            const kind = found[part.key];
            if (!kind) continue;
            const note = notes.get(part.key);
            const mine = part.read();
            note.hidden = false;
            if (kind === "theirs") {
                part.fill(theirs[part.key]);
                note.replaceChildren(h("p", null, "Somebody else has changed this meanwhile. It was: ",
                    valueText(part.key, base[part.key])));
            } else {
                const choose = (word, value, checked) => h("label", null, h("input", {
                    type: "radio", name: `choice-${part.key}`, checked, onchange: () => part.fill(value),
                }), h("span", null, h("b", null, word), " ", valueText(part.key, value)));
                note.replaceChildren("Somebody else has changed this meanwhile:",
                    h("div", { class: "choice", role: "radiogroup", "aria-label": `Which ${part.key}` },
                    choose("Yours:", mine, true), choose("Theirs:", theirs[part.key], false)));
            }
            const closed = note.closest("details");
            if (closed) closed.open = true;
        }
        webhook = theirs;
        base = definitionOf(theirs);
        box.show(new Error("Somebody else has changed this webhook since you began. What they changed is marked; "
            + "choose where you both did, and save again."));
        box.element.scrollIntoView({ block: "center" });
    }

    fill(base);
    const isChanged = () => Object.keys(patchOf(base, read())).length > 0;
    const warn = (event) => { if (isChanged()) event.preventDefault(); };
    window.addEventListener("beforeunload", warn);
    return {
        title,
        element,
        close() {
            clearTimeout(matchTimer);
            clearTimeout(previewTimer);
            window.removeEventListener("beforeunload", warn);
        },
    };
}
