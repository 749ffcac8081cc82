// Making and filling elements. Text goes in as text nodes alone: what a phone or a receiver says is never markup, and what in
// it would turn the text around it is written out.

const SVG = "http://www.w3.org/2000/svg";

/** A text as it is shown: \u{202e} and its like in letters, as the command line has them. */
export const shown = (text) => String(text).replace(/\p{Bidi_Control}/gu,
    (mark) => `\\u{${mark.codePointAt(0).toString(16)}}`);

function fill(element, properties, children) {
    for (const [name, value] of Object.entries(properties || {})) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name === "class") element.setAttribute("class", value);
        else if (["value", "checked", "selected"].includes(name)) element[name] = value;
        else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
        .map((child) => (child instanceof Node ? child : shown(child))));
    return element;
}

/** An element with attributes, listeners (`onclick`) and children; strings are text. */
export function h(tag, properties, ...children) {
    return fill(document.createElement(tag), properties, children);
}

/** Somebody's words in a sentence, which goes on as it is when they are of a script from the right to the left. */
export const bdi = (text) => h("bdi", null, text);

/** Somebody's words, one after the other; empty when there are none. */
export const listed = (texts, separator) => texts.flatMap((text, n) => (n ? [separator, bdi(text)] : [bdi(text)]));

export function svg(tag, properties, ...children) {
    return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Writes the text only where it differs, so that nothing is laid out anew for nothing. */
export function setText(element, given) {
    const text = shown(given);
    if (element.firstChild && !element.firstChild.nextSibling && element.firstChild.nodeType === 3) {
        if (element.firstChild.data !== text) element.firstChild.data = text;
    } else if (element.textContent !== text) {
        element.textContent = text;
    }
}

export function setAttribute(element, name, value) {
    if (value === null) {
        if (element.hasAttribute(name)) element.removeAttribute(name);
    } else if (element.getAttribute(name) !== value) {
        element.setAttribute(name, value);
    }
}

/** Shows `items` in `parent` by elements that stay: made once for each key, moved only when out of place. */
export function keyed(parent, items, key, make, update) {
    const known = parent.keyedElements || (parent.keyedElements = new Map());
    const wanted = new Set();
    let place = parent.firstElementChild;
    for (const item of items) {
        const name = key(item);
        wanted.add(name);
        let element = known.get(name);
        if (!element) known.set(name, (element = make(item)));
        if (update) update(element, item);
        if (element === place) place = place.nextElementSibling;
        else parent.insertBefore(element, place);
    }
    for (const [name, element] of known) {
        if (wanted.has(name)) continue;
        element.remove();
        known.delete(name);
    }
}

// ---------------------------------------------------------------- times

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** In the reader's zone, and no longer than needed. */
export function timeText(iso, form = "short") {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return String(iso);
    if (form === "whole") return whole.format(at);
    return Math.abs(Date.now() - at) < 12 * 3600e3 ? clock.format(at) : dayAndClock.format(at);
}

export const utcText = (iso) => `${iso.replace("T", " ").replace(/(\.\d+)?Z$/, "")} UTC`;

/** A time in the reader's zone, with UTC when it is pointed at; "–" when there is none. */
export function time(iso, form) {
    return iso ? h("time", { datetime: iso, title: utcText(iso) }, timeText(iso, form)) : "–";
}

export function setTime(element, iso) {
    setText(element, iso ? timeText(iso) : "–");
    setAttribute(element, "datetime", iso || null);
    setAttribute(element, "title", iso ? utcText(iso) : null);
}

export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

// ---------------------------------------------------------------- telling people

/** Tells a screen reader, without moving it. */
export function announce(text) {
    const region = document.getElementById("announcer");
    region.textContent = "";
    requestAnimationFrame(() => { region.textContent = text; });
}

/** A box for what went wrong: empty and without height until `show(problem)`. */
export function problemBox() {
    const element = h("div", { class: "problem", role: "alert", hidden: true });
    return {
        element,
        show(problem) {
            element.hidden = !problem;
            element.replaceChildren(...(problem ? [h("p", null, problem.message || String(problem))] : []));
        },
    };
}

export function copyButton(text, what) {
    const label = h("span", { class: "unseen" }, `Copy ${what}`);
    const button = h("button", { type: "button", class: "copy", title: `Copy ${what}` }, label);
    button.addEventListener("click", async () => {
        const value = typeof text === "function" ? text() : text;
        try {
            await navigator.clipboard.writeText(value);
            button.classList.add("done");
            announce(`Copied ${what}`);
        } catch {
            announce("The browser does not allow to copy");
        }
        setTimeout(() => button.classList.remove("done"), 1500);
    });
    return button;
}

/**
 * Asks in a modal dialog, and does it there: `act(dialog)` may throw a Problem, which is shown in it. Resolves with what `act`
 * gave, or undefined when it was not wanted; the focus returns to where it was. Without an `action` it only tells.
 */
export function confirm({ title, paragraphs, action, danger = false, act }) {
    return new Promise((resolve) => {
        const problem = problemBox();
        const before = document.activeElement;
        let result;
        const go = h("button", { type: "button", class: danger ? "danger" : "primary" }, action);
        const stop = h("button", { type: "button", onclick: () => dialog.close() }, action ? "Cancel" : "Close");
        const progress = h("div", { class: "progress" });
        const dialog = h("dialog", { "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
            h("h2", { id: "dialog-title" }, title),
            h("div", { id: "dialog-text" }, paragraphs.map((paragraph) => h("p", null, paragraph))),
            progress, problem.element, h("p", { class: "actions" }, ...(action ? [go] : []), stop));
        go.addEventListener("click", async () => {
            go.disabled = true;
            problem.show(null);
            try {
                result = { value: await act(progress, () => !dialog.open) };
                dialog.close();
            } catch (error) {
                problem.show(error);
                go.disabled = false;
            }
        });
        dialog.addEventListener("close", () => {
            dialog.remove();
            if (before && before.isConnected) before.focus();
            resolve(result && (result.value === undefined ? true : result.value));
        });
        document.body.append(dialog);
        dialog.showModal();
        (danger || !action ? stop : go).focus();
    });
}

/** A line that says that there is nothing, and what to do next. */
export function emptyState(text, ...more) {
    return h("div", { class: "empty" }, h("p", null, text), ...more);
}
