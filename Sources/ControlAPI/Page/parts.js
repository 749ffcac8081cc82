// The parts of a webhook's form that are more than one field: events, phones, secrets, authentication, format, TLS, addresses.
import { h } from "./dom.js";
import { choicePart, linesOf, newId, pairs, rowsOf, secretPlace, textPart, toggle } from "./fields.js";
import { localValue } from "./deliveries.js";
import { EVENTS, FORMATS, STATUS, STATUSES } from "./words.js";

export function eventsPart(faults) {
    const toggles = STATUSES.map((status) => ({ status, ...toggle(STATUS[status].word, EVENTS[status], { name: status }) }));
    let filled = [];
    const element = h("fieldset", null, h("legend", null, "Events"), toggles.map((one) => one.element),
        faults.place("/events", toggles[0].input));
    return {
        key: "events", element,
        read() {
            const on = toggles.filter(({ input }) => input.checked).map(({ status }) => status);
            // In the order in which they were, so that nothing differs that nobody touched.
            return [...filled.filter((status) => on.includes(status)), ...on.filter((status) => !filled.includes(status))];
        },
        fill(value) {
            filled = value;
            for (const { status, input } of toggles) input.checked = value.includes(status);
        },
    };
}

export function headersPart(faults) {
    const dictionary = pairs("header", ["X-Team", "payments"]);
    const element = h("fieldset", null, h("legend", null, "Headers"),
        h("p", { class: "hint" }, "Sent with every callback, beside the agent's own."),
        dictionary.element, faults.place("/headers", null, dictionary.find));
    return { key: "headers", element, read: dictionary.read, fill: dictionary.fill };
}

/** Which phones: of each kind of word a line for each. `onchange` is called when it may fit others. */
export function devicesPart(faults, onchange) {
    const lines = (key, label, hint) => textPart(faults, { key, label, hint, lines: 2, pointer: `/devices/${key}` });
    const parts = {
        udids: lines("udids", "UDIDs", "One to a line."),
        names: lines("names", "Names", "One to a line; * stands for any characters, ? for one."),
        ports: lines("ports", "Ports", "One to a line: 1-4.2, 1-4.*, or an ID_PATH."),
    };
    const platforms = ["android", "ios"].map((platform) => ({ platform,
        ...toggle({ android: "Android", ios: "iOS" }[platform]) }));
    const labels = pairs("label", ["team", "payments"], onchange);
    const result = h("div", { class: "match", "aria-live": "polite" });
    const element = h("fieldset", null, h("legend", null, "Phones"),
        h("p", { class: "hint" },
            "All but public ones, unless it says more here. Every kind that is given must fit; of one kind one word "
                + "is enough."),
        h("div", null, h("b", null, "Platforms"), platforms.map((one) => one.element),
            faults.place("/devices/platforms", platforms[0].input)),
        parts.udids.element, parts.names.element, parts.ports.element,
        h("div", { class: "field" }, h("b", null, "Labels"), labels.element,
            faults.place("/devices/labels", null, labels.find)),
        faults.place("/devices"), result);
    element.addEventListener("input", onchange);
    return {
        key: "devices", element, result,
        read() {
            const scope = Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, linesOf(part.read())]));
            const chosen = platforms.filter(({ input }) => input.checked).map(({ platform }) => platform);
            scope.platforms = chosen.length ? chosen : undefined;
            scope.labels = Object.keys(labels.read()).length ? labels.read() : undefined;
            return Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== undefined));
        },
        fill(value) {
            for (const [key, part] of Object.entries(parts)) part.fill((value[key] || []).join("\n"));
            for (const { platform, input } of platforms) input.checked = (value.platforms || []).includes(platform);
            labels.fill(value.labels || {});
            onchange();
        },
    };
}

export function secretsPart(faults, { makeSecret }) {
    const rows = rowsOf({
        add: "Add a secret that is there", remove: "Remove this secret",
        make(secret = { file: "" }) {
            const place = secretPlace("Secret");
            place.fill(secret);
            const until = h("input", { type: "datetime-local", value: localValue(secret.notAfter) });
            const filled = until.value;
            return {
                name: place.name,
                inputs: [...place.inputs, h("label", { class: "inline hint" }, "used until ", until)],
                read: () => ({
                    ...place.read(),
                    ...(until.value === "" ? {} : { notAfter: until.value === filled ? secret.notAfter
                        : new Date(until.value).toISOString() }),
                }),
            };
        },
    });
    const read = () => rows.rows.map((row) => row.read());
    function fill(value) {
        rows.clear();
        for (const secret of value) rows.append(secret);
    }
    const made = h("div", { "aria-live": "polite" });
    const element = h("fieldset", null, h("legend", null, "Signing secrets"),
        h("p", { class: "hint" },
            "The newest first; with none, callbacks are not signed. With two, each callback has two signatures."),
        made, rows.element, faults.place("/secrets", null, ([index]) => rows.rows[Number(index)]?.name),
            makeSecret(made, (name) => fill([{ file: name }, ...read()])));
    return { key: "secrets", element, read, fill };
}

export function authPart(faults) {
    const kind = h("select", { id: newId("auth") }, h("option", { value: "" }, "None"),
        h("option", { value: "bearer" }, "Bearer token"),
        h("option", { value: "basic" }, "Basic: user and password"));
    const token = secretPlace("Token");
    const password = secretPlace("Password");
    const user = h("input", { "aria-label": "User", placeholder: "User", autocomplete: "off", spellcheck: "false" });
    const bearer = h("div", { class: "item" }, token.inputs);
    const basic = h("div", { class: "item" }, user, password.inputs);
    const adapt = () => {
        bearer.hidden = kind.value !== "bearer";
        basic.hidden = kind.value !== "basic";
    };
    kind.addEventListener("change", adapt);
    const element = h("div", { class: "field" }, h("label", { for: kind.id }, "Authentication"), kind, h("p", { class: "hint" },
        "The token or password itself is in a file beside the configuration file, or in a variable of the agent."), bearer,
            basic,
    faults.place("/auth", kind, ([, part]) => (part === "user" ? user : kind.value === "basic" ? password.name : token.name)));
    return {
        key: "auth", element,
        read() {
            if (kind.value === "bearer") return { bearer: token.read() };
            return kind.value === "basic" ? { basic: { user: user.value, password: password.read() } } : {};
        },
        fill(value) {
            kind.value = Object.keys(value)[0] || "";
            token.fill(value.bearer || { file: "" });
            password.fill(value.basic?.password || { file: "" });
            user.value = value.basic?.user || "";
            adapt();
        },
    };
}

export function formatParts(faults) {
    const format = choicePart(faults, { key: "format", label: "Format of the body", options: FORMATS });
    const file = textPart(faults, { key: "file", label: "Template", pointer: "/template/file", placeholder: "slack.mustache",
        hint: "Beside the configuration file; it ends in .mustache." });
    const type = textPart(faults, { key: "contentType", label: "Content type", pointer: "/template/contentType" });
    const more = h("div", null, file.element, type.element, faults.place("/template", file.input));
    const adapt = () => { more.hidden = format.input.value !== "template"; };
    format.input.addEventListener("change", adapt);
    let filled = {};
    return [
        { ...format, fill(value) { format.fill(value); adapt(); } },
        {
            key: "template", element: more,
            read() {
                const { file: _, contentType: __, ...others } = filled;
                const isTemplate = format.input.value === "template";
                return { ...others, ...(isTemplate && file.read() ? { file: file.read() } : {}),
                    ...(type.read() ? { contentType: type.read() } : {}) };
            },
            fill(value) {
                filled = value;
                file.fill(value.file);
                type.fill(value.contentType);
            },
        },
    ];
}

export function tlsPart(faults) {
    const text = (key, label, hint) => textPart(faults, { key, label, hint, pointer: `/tls/${key}` });
    const parts = {
        caFile: text("caFile", "CA file", "For a receiver of the lab's own authority."),
        certificateFile: text("certificateFile", "Client certificate"),
        keyFile: text("keyFile", "Its key"),
    };
    const pins = textPart(faults, { key: "pins", label: "Pins", pointer: "/tls/pins", lines: 2,
        hint: "One to a line: sha256//… of its public key." });
    const version = choicePart(faults, { key: "tls/minVersion", label: "TLS, at least", options: { 1.2: "1.2", 1.3: "1.3" } });
    return {
        key: "tls", element: h("fieldset", null, h("legend", null, "TLS"), Object.values(parts).map((part) => part.element),
            pins.element, version.element, faults.place("/tls")),
        read: () => Object.fromEntries(Object.entries({
            ...Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, part.read().trim() || undefined])),
                pins: linesOf(pins.read()), minVersion: version.read(),
        }).filter(([, value]) => value !== undefined)),
        fill(value) {
            for (const [key, part] of Object.entries(parts)) part.fill(value[key]);
            pins.fill((value.pins || []).join("\n"));
            version.fill(value.minVersion || "1.2");
        },
    };
}

export function addressesPart(faults) {
    const list = (key, label) => textPart(faults, { key, label, pointer: `/addresses/${key}`, lines: 2,
        hint: "One to a line: 10.0.0.0/8." });
    const parts = { allow: list("allow", "Allowed addresses"), deny: list("deny", "Denied addresses") };
    const only = toggle("Public addresses only");
    return {
        key: "addresses",
        element: h("fieldset", null, h("legend", null, "Where the receiver may be"), parts.allow.element, parts.deny.element,
            only.element, faults.place("/addresses", only.input)),
        read: () => ({ allow: linesOf(parts.allow.read()) || [], deny: linesOf(parts.deny.read()) || [],
            publicOnly: only.input.checked }),
        fill(value) {
            for (const [key, part] of Object.entries(parts)) part.fill((value[key] || []).join("\n"));
            only.input.checked = value.publicOnly === true;
        },
    };
}
