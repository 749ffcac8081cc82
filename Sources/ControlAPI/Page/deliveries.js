// What was sent, newest first: by webhook, phone, state and time; and how it stands with each receiver.
import { call, get, may, path } from "./api.js";
import { confirm, count, emptyState, h, keyed, problemBox, setText, time, timeText } from "./dom.js";
import * as live from "./live.js";
import { gateText, STATES, STATUS } from "./words.js";

const PAGE = 100;

export const stateBadge = (state) => h("span", { class: "badge", "data-state": state }, STATES[state] || state);

/** One delivery in a line of a short list. */
export function deliveryLine(one, webhooks) {
    const webhook = webhooks.find(({ id }) => id === one.webhookId);
    return h("li", { class: "inline" }, h("a", { href: `#/deliveries/${one.id}` }, time(one.createdAt)), stateBadge(one.state),
        h("span", null, webhook ? webhook.name : `webhook ${one.webhookId}`),
            h("small", null, count(one.attemptCount, "attempt")));
}

/** Of each webhook, whether it is sent to, and when it is tried next. */
export function gate(webhook) {
    const line = h("span", null, gateText(webhook, timeText));
    const away = webhook.enabled && !webhook.isSuspended && webhook.away;
    const kind = !webhook.enabled || webhook.isSuspended ? "unplugged" : away ? "offline" : "online";
    return h("span", { class: "gate", "data-status": kind }, h("i", { "aria-hidden": "true" },
        { online: "●", offline: "▲", unplugged: "○" }[kind]), line,
        away ? [h("br"), h("small", null, `tried ${away.tries} times since; next try `, time(away.nextTryAt))] : null);
}

/** The value of <input type=datetime-local> for a moment, and back. */
export function localValue(iso) {
    if (!iso) return "";
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return "";
    return new Date(at - at.getTimezoneOffset() * 60e3).toISOString().slice(0, 16);
}

export const momentOf = (value) => (value ? new Date(value).toISOString() : "");

export async function view(query) {
    let wanted = read(query);
    let { webhooks } = await get("/v1/webhooks");
    let shown = [];
    let next;
    let events = new Map();
    let isSearching = false;

    function read(parameters) {
        return Object.fromEntries(["webhook", "device", "state", "since",
            "until"].map((key) => [key, parameters.get(key) || ""]));
    }

    // ------------------------------------------------------------ the parts

    const box = problemBox();
    const field = (id, label, input) => h("label", { for: id }, label, input);
    const inputs = {
        webhook: h("select", { id: "webhook" }),
        device: h("input", { id: "device", type: "search", placeholder: "UDID", autocomplete: "off", spellcheck: "false" }),
        state: h("select", { id: "state" }, h("option", { value: "" }, "All"),
            Object.entries(STATES).map(([value, word]) => h("option", { value }, word))),
        since: h("input", { id: "since", type: "datetime-local" }),
        until: h("input", { id: "until", type: "datetime-local" }),
    };
    for (const [key, input] of Object.entries(inputs)) {
        input.addEventListener("change", () => {
            wanted[key] = ["since", "until"].includes(key) ? momentOf(input.value) : input.value.trim();
            const parameters = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString();
            history.replaceState(null, "",
                `${location.pathname}${location.search}#/deliveries${parameters ? `?${parameters}` : ""}`);
            load();
        });
    }
    const gates = h("ul", { class: "list gates" });
    const rows = h("div", { class: "rows", role: "rowgroup" });
    const empty = h("div", { hidden: true });
    const more = h("button", { type: "button", onclick: () => load(true), hidden: true }, "Older ones");
    const again = h("button", { type: "button", onclick: redeliverAll });
    const table = h("div", { class: "table deliveries", role: "table", "aria-label": "Deliveries, newest first" },
        h("div", { role: "rowgroup", class: "head" }, h("div", { role: "row", class: "row" },
            ["Made", "Webhook", "Phone", "Event", "State", "Attempts", "Settled, or next try"]
                .map((word) => h("div", { role: "columnheader" }, word)))), rows);
    const element = h("div", null,
        h("div", { class: "head-line" }, h("h1", null, "Deliveries"), may("delivery.manage")
            ? h("p", { class: "actions" }, again) : null),
        h("section", { class: "card" }, h("h2", null, "Receivers"), gates),
        h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
            field("webhook", "Webhook", inputs.webhook), field("device", "Phone", inputs.device),
                field("state", "State", inputs.state),
            field("since", "From", inputs.since), field("until", "Before", inputs.until)),
        box.element, empty, table, h("p", { class: "actions" }, more));

    function showWanted() {
        inputs.webhook.replaceChildren(h("option", { value: "" }, "All"),
            ...webhooks.map((webhook) => h("option", { value: String(webhook.id) }, webhook.name)));
        if (wanted.webhook && !webhooks.some(({ id }) => String(id) === wanted.webhook)) {
            inputs.webhook.append(h("option", { value: wanted.webhook }, `webhook ${wanted.webhook}`));
        }
        for (const key of ["webhook", "device", "state"]) inputs[key].value = wanted[key];
        for (const key of ["since", "until"]) inputs[key].value = localValue(wanted[key]);
    }

    function showGates() {
        keyed(gates, webhooks, (one) => one.id, () => h("li", { class: "gate-line" }), (line, one) => {
            const text = JSON.stringify([one.name, one.enabled, one.isSuspended, one.away, one.waiting, one.inFlight]);
            if (line.dataset.shown === text) return;
            line.dataset.shown = text;
            line.replaceChildren(h("a", { href: `#/webhooks/${one.id}` }, one.name), gate(one),
                h("small", { class: "number" }, `${one.waiting} waiting, ${one.inFlight} in flight`));
        });
        gates.parentElement.hidden = webhooks.length === 0;
    }

    // ------------------------------------------------------------ reading

    async function load(isMore = false) {
        if (isSearching) return;
        isSearching = true;
        const asked = JSON.stringify(wanted);
        try {
            const page = await get(path("/v1/deliveries", { ...wanted, before: isMore ? next : undefined, limit: PAGE }));
            if (asked === JSON.stringify(wanted)) {
                shown = isMore ? [...shown, ...page.deliveries] : page.deliveries;
                next = page.next;
                await nameEvents();
                box.show(null);
                show();
            }
        } catch (problem) {
            box.show(problem);
        }
        isSearching = false;
        if (asked !== JSON.stringify(wanted)) load();
    }

    /** Which status each told of: a delivery has its event's number alone. */
    async function nameEvents() {
        const numbers = shown.map((one) => one.event).filter((number) => !events.has(number));
        if (!numbers.length) return;
        const page = await get(path("/v1/events", { before: Math.max(...numbers) + 1, limit: 1000 }));
        for (const event of page.events) events.set(event.number, event);
    }

    function show() {
        const names = new Map(webhooks.map((webhook) => [webhook.id, webhook.name]));
        keyed(rows, shown, (one) => one.id, (one) => {
            const event = events.get(one.event);
            const made = h("div", { class: "row", role: "row" },
                h("div", { role: "cell" }, h("a", { href: `#/deliveries/${one.id}` }, time(one.createdAt))),
                h("div", { role: "cell" }, h("span", null, names.get(one.webhookId) || `webhook ${one.webhookId}, deleted`)),
                h("div", { role: "cell" }, h("span", null, event ? event.name : ""), h("small", { class: "mono" }, one.udid)),
                h("div", { role: "cell" }, event ? h("span", { class: "badge", "data-status": event.status },
                    STATUS[event.status].word)
                    : h("span", null, `event ${one.event}`)),
                h("div", { role: "cell", class: "state" }), h("div", { role: "cell", class: "number" }),
                    h("div", { role: "cell" }));
            return made;
        }, (row, one) => {
            const text = `${one.state} ${one.attemptCount} ${one.nextAttemptAt} ${one.settledAt}`;
            if (row.dataset.shown === text) return;
            row.dataset.shown = text;
            const [state, attempts, when] = [...row.children].slice(4);
            state.replaceChildren(stateBadge(one.state), ...(one.reason && one.reason !== one.state
                ? [h("small", null, one.reason)] : []));
            attempts.replaceChildren(h("span", null, String(one.attemptCount)));
            when.replaceChildren(h("span", null, one.state !== "pending" ? time(one.settledAt)
                : one.nextAttemptAt ? ["next try ", time(one.nextAttemptAt)] : "behind those before it"));
        });
        more.hidden = !next;
        table.hidden = shown.length === 0;
        empty.hidden = shown.length !== 0;
        if (!shown.length) {
            const isFiltered = Object.values(wanted).some(Boolean);
            empty.replaceChildren(isFiltered
                ? emptyState("No delivery fits what is asked for.",
                    h("p", null, h("a", { href: "#/deliveries" }, "Show all deliveries")))
                : emptyState("Nothing was sent yet.", h("p", null, webhooks.length
                    ? "A callback is made when the status of a phone changes to one that a webhook wants."
                    : h("a", { href: "#/webhooks/new" }, "Create a webhook"))));
        }
        const state = wanted.state || "dead";
        again.hidden = state === "pending";
        setText(again, `Redeliver all ${STATES[state].toLowerCase()}…`);
    }

    // ------------------------------------------------------------ redelivering

    async function redeliverAll() {
        const { webhook, device, since, until } = wanted;
        const state = wanted.state || "dead";
        const order = Object.fromEntries(Object.entries({ webhook: webhook && Number(webhook), device, since, until, state })
            .filter(([, value]) => value));
        let matching;
        try {
            ({ matching } = await call("POST", "/v1/deliveries/redeliver", { ...order, dryRun: true }));
        } catch (problem) {
            return box.show(problem);
        }
        box.show(null);
        const among = Object.values(wanted).some(Boolean) ? " of those that are asked for here" : "";
        await confirm({
            title: matching ? `Redeliver ${count(matching, "callback")}?` : "Nothing to redeliver",
            paragraphs: [matching ? `All that are ${STATES[state].toLowerCase()}${among} are sent again, with the same ids and `
                + "bytes, each behind what waits in its lane."
                : `There are none that are ${STATES[state].toLowerCase()}${among}.`],
            action: matching ? "Redeliver" : null,
            act: async (progress, isStopped) => {
                const bar = h("progress", { max: String(Math.max(matching, 1)), value: 0, "aria-label": "Redelivered" });
                const words = h("p", { role: "status" });
                progress.replaceChildren(bar, words);
                let done = 0;
                let after;
                do {
                    const part = await call("POST", "/v1/deliveries/redeliver", after ? { ...order, after } : order);
                    done += part.redelivered;
                    after = part.next;
                    bar.value = done;
                    setText(words, `${done} of ${matching}`);
                } while (after && !isStopped());
            },
        });
        refresh();
    }

    // ------------------------------------------------------------ keeping it true

    async function refresh() {
        try {
            ({ webhooks } = await get("/v1/webhooks"));
        } catch {
            return;
        }
        showGates();
        // Who has paged on or is reading further down is not pulled away from there.
        if (shown.length <= PAGE) await load();
    }

    let timer = null;
    const stop = live.onEvent(() => { timer ??= setTimeout(() => { timer = null; refresh(); }, 1500); });
    const slow = setInterval(refresh, 5000);
    showWanted();
    showGates();
    await load();
    return {
        title: "Deliveries",
        element,
        queried(parameters) {
            wanted = read(parameters);
            showWanted();
            load();
        },
        close() {
            stop();
            clearInterval(slow);
            clearTimeout(timer);
        },
    };
}
