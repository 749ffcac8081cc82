// The fields of a webhook's form. Each part has the key of the definition that it is for, reads it out of its inputs and fills
// them with it; what was not touched reads as it was filled in. Faults go beside the field that their JSON pointer is of.
import { bdi, h, setText } from "./dom.js";

let ids = 0;
export const newId = (key) => `f-${key}-${++ids}`;

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
        if (input) input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"),
            id].filter(Boolean).join(" "));
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
            place.element.append(h("span", null, rest.length ? [bdi(rest.join(" ")), ": "] : null,
                fault.problem ? `${fault.problem}: ` : null, fault.advice), h("br"));
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
        h("div", null, faults.place(pointer, input), hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null),
            counter));
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

export function toggle(label, hint, attributes) {
    const id = newId("toggle");
    const input = h("input", { type: "checkbox", role: "switch", id, ...attributes });
    if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
    return { input, element: h("label", { class: "switch", for: id }, input,
        h("span", null, h("span", null, label), hint ? h("small", { id: `${id}-hint` }, hint) : null)) };
}

export function switchPart(faults, { key, label, hint }) {
    const { input, element } = toggle(label, hint);
    return {
        key, input, element: h("div", { class: "field" }, element, faults.place(`/${key}`, input)),
        read: () => input.checked, fill: (value) => { input.checked = value; },
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
            const key = h("input", { "aria-label": `Name of the ${what}`, placeholder: placeholders[0], value: name,
                spellcheck: "false" });
            const text = h("input", { "aria-label": `Value of the ${what}`, placeholder: placeholders[1], value,
                spellcheck: "false" });
            return { key, text, inputs: [key, text] };
        },
    });
    return {
        element: rows.element,
        find: ([name]) => rows.rows.find((row) => row.key.value === name)?.key,
        read: () => Object.fromEntries(rows.rows.map((row) => [row.key.value.trim(),
            row.text.value]).filter(([key, value]) => key || value)),
        fill(value) {
            rows.clear();
            for (const pair of Object.entries(value)) rows.append(pair);
        },
    };
}

/** Several texts, one to a line. */
export function linesOf(value) {
    const list = value.split("\n").map((line) => line.trim()).filter(Boolean);
    return list.length ? list : undefined;
}

/** Where a secret is: a file or a variable; one in the configuration file stays where it is. */
export function secretPlace(label) {
    const kind = h("select", { "aria-label": `${label}: where it is` }, h("option", { value: "file" }, "File"),
        h("option", { value: "env" }, "Variable"),
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
