// The fields of a webhook's form. Each part has the key of the definition that it is for, reads it out of its inputs and fills
// them with it; what was not touched reads as it was filled in. Faults go beside the field that their JSON pointer is of.
import { h, setText } from "./dom.js";
import { localValue } from "./deliveries.js";
import { EVENTS, FORMATS, STATUS, STATUSES } from "./words.js";

let ids = 0;
const newId = (key) => `f-${key}-${++ids}`;

/** Where faults of a pointer are shown, and the input that is wrong then. */
export class Faults {
    constructor() {
        this.places = new Map();
    }

    /** A line for faults at `pointer` and below it; `find(rest)` gives the input for what is below. */
    place(pointer, input, find = () => input) {
        const id = newId("fault");
        const element = h("p", { class: "fault", id, role: "alert" });
        this.places.set(pointer, { element, input, find });
        if (input) input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
        return element;
    }

    clear() {
        for (const { element } of this.places.values()) element.replaceChildren();
        for (const input of document.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    }

    /** Shows each beside its field; returns those that have none, and the first input that is wrong. */
    show(faults) {
        const others = [];
        let first = null;
        for (const fault of faults) {
            let pointer = fault.pointer;
            while (pointer && !this.places.has(pointer)) pointer = pointer.slice(0, pointer.lastIndexOf("/"));
            const place = this.places.get(pointer);
            if (!place) {
                others.push(fault);
                continue;
            }
            const rest = fault.pointer.slice(pointer.length + 1).split("/").filter(Boolean)
                .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
            const input = place.find(rest) || place.input;
            place.element.append(h("span", null, `${rest.length ? `${rest.join(" ")}: ` : ""}${fault.problem ? `${fault.problem}: ` : ""}${fault.advice}`), h("br"));
            if (input) {
                input.setAttribute("aria-invalid", "true");
                if (!first || first.compareDocumentPosition(input) & Node.DOCUMENT_POSITION_PRECEDING) first = input;
            }
            const closed = place.element.closest("details");
            if (closed) closed.open = true;
        }
        return { others, first };
    }
}

const points = (text) => [...text].length;

/** Text in one line or several, with a counter where it has a limit. */
export function textPart(faults, { key, label, limit, hint, lines, pointer = `/${key}`, ...attributes }) {
    const id = newId(key);
    const input = h(lines ? "textarea" : "input", { id, rows: lines, autocomplete: "off", spellcheck: "false", ...attributes });
    const counter = limit ? h("span", { class: "counter hint", id: `${id}-count` }) : null;
    const counted = () => {
        if (!counter) return;
        setText(counter, `${points(input.value)} of ${limit}`);
        counter.classList.toggle("over", points(input.value) > limit);
    };
    input.addEventListener("input", counted);
    if (hint || counter) input.setAttribute("aria-describedby", hint ? `${id}-hint` : `${id}-count`);
    const element = h("div", { class: "field" }, h("label", { for: id }, label), input, h("div", { class: "line" },
        h("div", null, faults.place(pointer, input), hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null), counter));
    return {
        key, element, input,
        read: () => input.value,
        fill(value) {
            input.value = value ?? "";
            counted();
        },
    };
}

/** A number, sent as it was written where it is none, so that the agent says what is wrong with it. */
export function numberPart(faults, options) {
    const part = textPart(faults, { inputmode: "numeric", ...options });
    return {
        ...part,
        read() {
            const text = part.input.value.trim();
            if (text === "") return undefined;
            return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
        },
        fill: (value) => part.fill(value === undefined ? "" : String(value)),
    };
}

export function choicePart(faults, { key, label, options, hint }) {
    const id = newId(key);
    const input = h("select", { id }, Object.entries(options).map(([value, word]) => h("option", { value }, word)));
    const element = h("div", { class: "field" }, h("label", { for: id }, label), input, faults.place(`/${key}`, input),
        hint ? h("p", { class: "hint" }, hint) : null);
    return { key, element, input, read: () => input.value, fill: (value) => { input.value = value; } };
}

function toggle(label, hint, attributes) {
    const id = newId("toggle");
    const input = h("input", { type: "checkbox", role: "switch", id, ...attributes });
    if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
    return { input, element: h("label", { class: "switch", for: id }, input, h("span", null, h("span", null, label), hint ? h("small", { id: `${id}-hint` }, hint) : null)) };
}

export function switchPart(faults, { key, label, hint }) {
    const { input, element } = toggle(label, hint);
    return {
        key, input, element: h("div", { class: "field" }, element, faults.place(`/${key}`, input)),
        read: () => input.checked, fill: (value) => { input.checked = value; },
    };
}

export function eventsPart(faults) {
    const toggles = STATUSES.map((status) => ({ status, ...toggle(STATUS[status].word, EVENTS[status], { name: status }) }));
    let filled = [];
    const element = h("fieldset", null, h("legend", null, "Events"), toggles.map((one) => one.element), faults.place("/events", toggles[0].input));
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

/** Rows of inputs that are added and taken away. */
export function rowsOf({ make, add, remove, onchange = () => {} }) {
    const list = h("div");
    const rows = [];
    function append(value) {
        const row = make(value);
        row.element = h("div", { class: "item" }, row.inputs, h("button", {
            type: "button", "aria-label": remove, title: remove,
            onclick: () => {
                rows.splice(rows.indexOf(row), 1);
                row.element.remove();
                adding.focus();
                onchange();
            },
        }, "✕"));
        rows.push(row);
        list.append(row.element);
        return row;
    }
    const adding = h("button", { type: "button", onclick: () => append().element.querySelector("input, select").focus() }, add);
    return {
        rows,
        element: h("div", null, list, adding),
        append,
        clear() {
            rows.length = 0;
            list.replaceChildren();
        },
    };
}

/** A dictionary of texts: a row for each pair. */
export function pairs(what, placeholders, onchange) {
    const rows = rowsOf({
        add: `Add a ${what}`, remove: `Remove this ${what}`, onchange,
        make([name, value] = ["", ""]) {
            const key = h("input", { "aria-label": `Name of the ${what}`, placeholder: placeholders[0], value: name, spellcheck: "false" });
            const text = h("input", { "aria-label": `Value of the ${what}`, placeholder: placeholders[1], value, spellcheck: "false" });
            return { key, text, inputs: [key, text] };
        },
    });
    return {
        element: rows.element,
        find: ([name]) => rows.rows.find((row) => row.key.value === name)?.key,
        read: () => Object.fromEntries(rows.rows.map((row) => [row.key.value.trim(), row.text.value]).filter(([key, value]) => key || value)),
        fill(value) {
            rows.clear();
            for (const pair of Object.entries(value)) rows.append(pair);
        },
    };
}

export function headersPart(faults) {
    const dictionary = pairs("header", ["X-Team", "payments"]);
    const element = h("fieldset", null, h("legend", null, "Headers"), h("p", { class: "hint" }, "Sent with every callback, beside the agent's own."),
        dictionary.element, faults.place("/headers", null, dictionary.find));
    return { key: "headers", element, read: dictionary.read, fill: dictionary.fill };
}

/** Several texts, one to a line. */
export function linesOf(value) {
    const list = value.split("\n").map((line) => line.trim()).filter(Boolean);
    return list.length ? list : undefined;
}

/** Which phones: of each kind of word a line for each. `onchange` is called when it may fit others. */
export function devicesPart(faults, onchange) {
    const lines = (key, label, hint) => textPart(faults, { key, label, hint, lines: 2, pointer: `/devices/${key}` });
    const parts = {
        udids: lines("udids", "UDIDs", "One to a line."),
        names: lines("names", "Names", "One to a line; * stands for any characters, ? for one."),
        ports: lines("ports", "Ports", "One to a line: 1-4.2, 1-4.*, or an ID_PATH."),
    };
    const platforms = ["android", "ios"].map((platform) => ({ platform, ...toggle({ android: "Android", ios: "iOS" }[platform]) }));
    const labels = pairs("label", ["team", "payments"], onchange);
    const result = h("div", { class: "match", "aria-live": "polite" });
    const element = h("fieldset", null, h("legend", null, "Phones"),
        h("p", { class: "hint" }, "All but public ones, unless it says more here. Every kind that is given must fit; of one kind one word is enough."),
        h("div", null, h("b", null, "Platforms"), platforms.map((one) => one.element), faults.place("/devices/platforms", platforms[0].input)),
        parts.udids.element, parts.names.element, parts.ports.element,
        h("div", { class: "field" }, h("b", null, "Labels"), labels.element, faults.place("/devices/labels", null, labels.find)),
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

/** Where a secret is: a file or a variable; one in the configuration file stays where it is. */
export function secretPlace(label) {
    const kind = h("select", { "aria-label": `${label}: where it is` }, h("option", { value: "file" }, "File"), h("option", { value: "env" }, "Variable"),
        h("option", { value: "value", hidden: true }, "In the configuration file"));
    const name = h("input", { "aria-label": `${label}: its name`, spellcheck: "false", autocomplete: "off" });
    const adapt = () => {
        name.readOnly = kind.value === "value";
        name.placeholder = { file: "ci-secret", env: "PLUGHOOK_CI_SECRET", value: "" }[kind.value];
    };
    kind.addEventListener("change", adapt);
    return {
        inputs: [kind, name], name,
        read: () => ({ [kind.value]: name.value }),
        fill(place) {
            const [key, value] = Object.entries(place).find(([word]) => word !== "notAfter") || ["file", ""];
            kind.value = key;
            name.value = value;
            adapt();
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
                    ...(until.value === "" ? {} : { notAfter: until.value === filled ? secret.notAfter : new Date(until.value).toISOString() }),
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
        h("p", { class: "hint" }, "The newest first; with none, callbacks are not signed. With two, each callback has two signatures."),
        made, rows.element, faults.place("/secrets", null, ([index]) => rows.rows[Number(index)]?.name), makeSecret(made, (name) => fill([{ file: name }, ...read()])));
    return { key: "secrets", element, read, fill };
}

export function authPart(faults) {
    const kind = h("select", { id: newId("auth") }, h("option", { value: "" }, "None"), h("option", { value: "bearer" }, "Bearer token"),
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
        "The token or password itself is in a file beside the configuration file, or in a variable of the agent."), bearer, basic,
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
    const file = textPart(faults, { key: "file", label: "Template", pointer: "/template/file", placeholder: "slack.mustache", hint: "Beside the configuration file; it ends in .mustache." });
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
                return { ...others, ...(isTemplate && file.read() ? { file: file.read() } : {}), ...(type.read() ? { contentType: type.read() } : {}) };
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
    const pins = textPart(faults, { key: "pins", label: "Pins", pointer: "/tls/pins", lines: 2, hint: "One to a line: sha256//… of its public key." });
    const version = choicePart(faults, { key: "tls/minVersion", label: "TLS, at least", options: { 1.2: "1.2", 1.3: "1.3" } });
    return {
        key: "tls", element: h("fieldset", null, h("legend", null, "TLS"), Object.values(parts).map((part) => part.element), pins.element, version.element, faults.place("/tls")),
        read: () => Object.fromEntries(Object.entries({
            ...Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, part.read().trim() || undefined])), pins: linesOf(pins.read()), minVersion: version.read(),
        }).filter(([, value]) => value !== undefined)),
        fill(value) {
            for (const [key, part] of Object.entries(parts)) part.fill(value[key]);
            pins.fill((value.pins || []).join("\n"));
            version.fill(value.minVersion || "1.2");
        },
    };
}

export function addressesPart(faults) {
    const list = (key, label) => textPart(faults, { key, label, pointer: `/addresses/${key}`, lines: 2, hint: "One to a line: 10.0.0.0/8." });
    const parts = { allow: list("allow", "Allowed addresses"), deny: list("deny", "Denied addresses") };
    const only = toggle("Public addresses only");
    return {
        key: "addresses",
        element: h("fieldset", null, h("legend", null, "Where the receiver may be"), parts.allow.element, parts.deny.element, only.element, faults.place("/addresses", only.input)),
        read: () => ({ allow: linesOf(parts.allow.read()) || [], deny: linesOf(parts.deny.read()) || [], publicOnly: only.input.checked }),
        fill(value) {
            for (const [key, part] of Object.entries(parts)) part.fill((value[key] || []).join("\n"));
            only.input.checked = value.publicOnly === true;
        },
    };
}
