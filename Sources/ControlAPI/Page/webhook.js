// One webhook: what it is, whether its receiver answers, and what can be done with it.
import { call, get, may, path } from "./api.js";
import { announce, bdi, confirm, count, emptyState, h, keyed, listed, problemBox, setText } from "./dom.js";
import { deliveryLine, gate } from "./deliveries.js";
import { attemptFacts, pretty } from "./delivery.js";
import { eventBadges } from "./webhooks.js";
import { EVENTS, FORMATS, milliseconds } from "./words.js";

/** A filter in words; "all" when it says nothing. */
export function scopeText(scope, all) {
    const kinds = [["UDID", scope.udids], ["name", scope.names], ["platform", scope.platforms],
        ["label", Object.entries(scope.labels || {}).map(([key, value]) => `${key}=${value}`)], ["port", scope.ports]]
        .filter(([, words]) => words && words.length);
    return kinds.length ? kinds.map(([kind, words], n) => [n ? "; and " : "", `${kind} `, listed(words, " or ")]) : all;
}

const placeText = (place) => (place.file ? ["file ", bdi(place.file)] : place.env ? ["variable ", bdi(place.env)]
    : "in the configuration file (not shown)");

function authText(auth) {
    if (auth.bearer) return ["Bearer, from ", placeText(auth.bearer)];
    return auth.basic ? ["Basic, user ", bdi(auth.basic.user), ", password from ", placeText(auth.basic.password)] : "none";
}

/** The phones that a filter fits, in a list. */
export function matchList(match) {
    return [
        h("p", null, `Matches ${count(match.devices.length, "phone")}; ${match.others} others are known.`),
        h("ul", { class: "matches", tabindex: "0", "aria-label": "Phones that match" }, match.devices.map((device) =>
            h("li", null, bdi(device.name), " ", h("code", null, bdi(device.udid)),
                device.status ? ` ${device.status}` : null))),
    ];
}

export async function view(id) {
    const address = `/v1/webhooks/${id}`;
    let webhook = await get(address);
    const mayEdit = may("org_setting.modify");
    const facts = h("dl", { class: "facts" });
    const name = h("span");
    const actions = h("p", { class: "actions" });
    const test = h("section", { class: "card", hidden: true, "aria-live": "polite" });
    const match = h("div");
    const callbacks = h("ul", { class: "list" });
    const noCallbacks = h("div");
    const box = problemBox();
    const choice = h("select", { id: "event", onchange: preview },
        Object.keys(EVENTS).map((event) => h("option", { value: event }, event)));
    const body = h("pre", { class: "preview", tabindex: "0", "aria-label": "Preview of a callback" });
    const element = h("div", null,
        h("p", { class: "crumb" }, h("a", { href: "#/webhooks" }, "Webhook Settings")),
        h("div", { class: "head-line" }, h("h1", null, name), actions), box.element, test,
        h("div", { class: "columns" },
            h("section", { class: "card" }, h("h2", null, "Definition"), facts),
            h("div", null, h("section", { class: "card" }, h("h2", null, "Phones"), match),
                h("section", { class: "card" }, h("div", { class: "head-line" }, h("h2", null, "Deliveries"),
                    h("a", { href: `#${path("/deliveries", { webhook: id })}` }, "All of this webhook")), callbacks,
                        noCallbacks)),
            h("section", { class: "card wide" }, h("div", { class: "head-line" }, h("h2", null, "What would be sent"),
                h("label", { class: "inline", for: "event" }, "Event ", choice)), body)));

    function show() {
        setText(name, webhook.name);
        const headers = Object.entries(webhook.headers);
        facts.replaceChildren(...[
            ["Receiver", gate(webhook)],
            ["Waiting", `${count(webhook.waiting, "callback")}, ${webhook.inFlight} in flight`],
            ["URL", h("code", null, webhook.url)],
            webhook.description ? ["Description", webhook.description] : null,
            ["Events", eventBadges(webhook)],
            ["Phones", scopeText(webhook.devices, "all but public ones")],
            ["Format", FORMATS[webhook.format] || webhook.format,
                webhook.template.file ? [", ", bdi(webhook.template.file)] : ""],
            ["Signed with", webhook.secrets.length ? webhook.secrets.map((one, n) => [n ? "; " : "", placeText(one)])
                : "nothing: callbacks are not signed"],
            ["Authentication", authText(webhook.auth)],
            headers.length ? ["Headers", headers.map(([key, value]) => h("div", null,
                h("code", null, mayEdit ? `${key}: ${value}` : key)))] : null,
            ["After an outage", webhook.backlog === "latest" ? "of each phone the latest callback is sent"
                : "every callback is sent"],
            ["Time-outs", `${milliseconds(webhook.timeoutMs)} in all, ${milliseconds(webhook.connectTimeoutMs)} to connect`],
            ["Id", String(webhook.id)],
        ].filter(Boolean).flatMap(([term, ...what]) => [h("dt", null, term), h("dd", null, what)]));
        if (mayEdit) showActions();
    }

    let actionsShown = "";

    function showActions() {
        const kind = `${webhook.enabled} ${webhook.isSuspended} ${Boolean(webhook.away)}`;
        if (kind === actionsShown) return;
        actionsShown = kind;
        const button = (word, act, style) => h("button", { type: "button", class: style, "data-act": word, onclick: act },
            word);
        const focused = actions.contains(document.activeElement) ? document.activeElement.dataset.act : null;
        actions.replaceChildren(
            h("a", { class: "button primary", href: `#/webhooks/${id}/edit` }, "Edit"),
            button("Send test", sendTest),
            webhook.enabled ? button("Disable", () => change({ enabled: false }))
                : button("Enable", () => change({ enabled: true })),
            ...(webhook.isSuspended ? [button("Resume", () => post("resume"))]
                : [button("Suspend", () => post("suspend")), ...(webhook.away ? [button("Try now", () => post("resume"))]
                    : [])]),
            button("Delete…", remove, "danger"));
        if (focused) (actions.querySelector(`[data-act="${focused}"]`) || actions.firstElementChild).focus();
    }

    async function act(work) {
        box.show(null);
        try {
            await work();
        } catch (problem) {
            box.show(problem);
        }
        await refresh();
    }

    const change = (patch) => act(async () => {
        await call("PATCH", address, patch, { "if-match": `"${webhook.etag}"` });
        announce(patch.enabled ? "Enabled" : "Disabled");
    });
    const post = (word) => act(async () => {
        await call("POST", `${address}/${word}`);
        announce({ suspend: "Suspended", resume: "Resumed" }[word]);
    });

    async function sendTest(event) {
        const button = event.currentTarget;
        button.disabled = true;
        test.hidden = false;
        test.replaceChildren(h("h2", null, "Test"), h("p", null, "Sending…"));
        try {
            const result = await call("POST", `${address}/test`);
            test.replaceChildren(h("h2", null, "Test"), ...attemptFacts(result, "totalMs").flat().filter(Boolean));
        } catch (problem) {
            test.replaceChildren(h("h2", null, "Test"), h("p", { class: "fault" }, problem.message));
        }
        button.disabled = false;
        await refresh();
    }

    async function remove() {
        await refresh();
        const gone = await confirm({
            title: ["Delete the webhook “", bdi(webhook.name), "”?"],
            paragraphs: [webhook.waiting ? `${count(webhook.waiting, "callback waits", "callbacks wait")} for its receiver: `
                + "what still waits is cancelled, on record." : "No callback waits for it: nothing is cancelled.",
            "Nobody is told of its events any more. What was delivered stays on record."],
            action: "Delete", danger: true,
            act: () => call("DELETE", address, undefined, { "if-match": `"${webhook.etag}"` }),
        });
        if (gone) {
            announce(`Deleted; ${count(gone.cancelled ?? 0, "callback")} cancelled`);
            location.hash = "#/webhooks";
        }
    }

    async function preview() {
        try {
            const answer = await get(path(`${address}/preview`, { event: choice.value }));
            setText(body, `${answer.headers.join("\n")}\n\n${pretty(answer.body)}`);
        } catch (problem) {
            setText(body, problem.message);
        }
    }

    async function refresh() {
        try {
            webhook = await get(address);
            show();
            const matched = await get(`${address}/match`);
            const text = JSON.stringify(matched);
            if (match.dataset.shown !== text) {
                match.dataset.shown = text;
                match.replaceChildren(...matchList(matched));
            }
            const page = await get(path("/v1/deliveries", { webhook: id, limit: 8 }));
            keyed(callbacks, page.deliveries, (one) => `${one.id} ${one.state} ${one.attemptCount}`,
                (one) => deliveryLine(one, [webhook]));
            noCallbacks.replaceChildren(...(page.deliveries.length ? [] : [emptyState("Nothing was sent yet.",
                h("p", null, "The next change of status that it wants is told; Send test shows at once whether the "
                    + "receiver answers."))]));
        } catch (problem) {
            if (problem.status === 404) location.hash = "#/webhooks";
        }
    }

    show();
    await Promise.all([refresh(), preview()]);
    const slow = setInterval(refresh, 5000);
    return { title: webhook.name, element, close: () => clearInterval(slow) };
}
