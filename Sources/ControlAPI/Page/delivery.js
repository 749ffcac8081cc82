// One delivery: the bytes that were frozen when its event happened, and every attempt to bring them.
import { call, get, may } from "./api.js";
import { bdi, confirm, copyButton, count, h, setText, time } from "./dom.js";
import { gate, stateBadge } from "./deliveries.js";
import * as live from "./live.js";
import { milliseconds, outcomeText } from "./words.js";

const PHASES = [["nameLookupMs", "name looked up"], ["connectMs", "connected"], ["tlsMs", "TLS agreed"],
    ["firstByteMs", "first byte"]];

/** What an attempt came to, by its phases; `total` is the name of its whole time. */
export function attemptFacts(attempt, total) {
    const phases = PHASES.filter(([key]) => attempt[key] !== undefined).map(([key,
        word]) => `${word} ${milliseconds(attempt[key])}`);
    const whole = Math.max(attempt[total] || 0, attempt.firstByteMs || 0);
    return [
        h("p", null, h("span", { class: "badge", "data-status": attempt.outcome === "accepted" ? "online" : "offline" },
            outcomeText(attempt.outcome)), " ",
            bdi(attempt.detail), attempt.address ? ` from ${attempt.address}` : null),
        h("p", { class: "hint" }, [...phases, `whole ${milliseconds(whole)}`].join(" · ")),
        attempt.answer ? [h("p", { class: "hint" }, "What the receiver answered, its first bytes:"),
            h("pre", { class: "answer" }, attempt.answer)] : null,
    ];
}

/** JSON over several lines, to be read; the bytes as they are when they are none. */
export function pretty(body) {
    try {
        return JSON.stringify(JSON.parse(body), null, 2);
    } catch {
        return body;
    }
}

export async function view(id) {
    const address = `/v1/deliveries/${encodeURIComponent(id)}`;
    const facts = h("dl", { class: "facts" });
    const attempts = h("ol", { class: "list" });
    const actions = h("p", { class: "actions" });
    const bytes = h("pre", { class: "body", tabindex: "0", "aria-label": "Body" });
    const headers = h("pre", { class: "headers", tabindex: "0", "aria-label": "Headers" });
    const element = h("div", null,
        h("p", { class: "crumb" }, h("a", { href: "#/deliveries" }, "Deliveries")),
        h("div", { class: "head-line" }, h("h1", null, "Delivery"), actions),
        h("div", { class: "columns" }, h("section", { class: "card" }, h("h2", null, "Facts"), facts),
            h("section", { class: "card" }, h("h2", null, "Headers of this callback"), headers,
                h("p", { class: "hint" }, "Each attempt adds ", h("code", null, "webhook-timestamp"), " and, with a secret, ",
                    h("code", null, "webhook-signature"), ".")),
            h("section", { class: "card wide" }, h("div", { class: "head-line" }, h("h2", null, "Body"),
                copyButton(() => delivery.body, "the body")), bytes),
            h("section", { class: "card wide" }, h("h2", null, "Attempts"), attempts)));
    let delivery;

    function show(webhook) {
        const event = webhook && `#/devices/${encodeURIComponent(delivery.udid)}`;
        facts.replaceChildren(...[
            ["State", stateBadge(delivery.state), delivery.reason && delivery.reason !== delivery.state ? ` ${delivery.reason}`
                : ""],
            ["Webhook", webhook ? h("a", { href: `#/webhooks/${webhook.id}` }, webhook.name)
                : `${delivery.webhookId}, deleted`],
            webhook ? ["Receiver", gate(webhook)] : null,
            ["Phone", event ? h("a", { href: event }, delivery.udid) : delivery.udid],
            ["Made", time(delivery.createdAt, "whole"), ` from event ${delivery.event}`],
            ["In its lane", `number ${delivery.sequence}`],
            delivery.nextAttemptAt ? ["Next try", time(delivery.nextAttemptAt, "whole")] : null,
            delivery.settledAt ? ["Settled", time(delivery.settledAt, "whole")] : null,
        ].filter(Boolean).flatMap(([term, ...what]) => [h("dt", null, term), h("dd", null, what)]));
        const lines = delivery.headers || [];
        setText(headers, [...lines, `webhook-id: ${delivery.id}`, `plughook-sequence: ${delivery.sequence}`].join("\n"));
        setText(bytes, pretty(delivery.body ?? ""));
        const all = delivery.attempts || [];
        attempts.replaceChildren(...(all.length ? all.map((attempt) => h("li", null,
            h("h3", null, `Attempt ${attempt.number}, `, time(attempt.startedAt, "whole")), attemptFacts(attempt, "durationMs"),
            attempt.wireSends > 1
                ? h("p", { class: "hint" }, `Sent ${count(attempt.wireSends, "time")}: the connection was lost at once.`)
                : null,
            attempt.nextAttemptAt ? h("p", { class: "hint" }, "Next try planned for ", time(attempt.nextAttemptAt, "whole"))
                : null)).reverse()
            : [h("li", null, "None yet.")]));
        const canSend = may("delivery.manage") && delivery.state !== "pending" && webhook;
        actions.replaceChildren(...(canSend ? [h("button", { type: "button", onclick: redeliver }, "Redeliver…")] : []));
    }

    async function redeliver() {
        await confirm({
            title: "Send it again?",
            paragraphs: ["With the same id and the same bytes, behind what waits for this phone.",
                ...(delivery.state === "delivered"
                    ? ["The receiver has accepted it before, and drops the double by its id if it is a good one."] : [])],
            action: "Redeliver", act: () => call("POST", `${address}/redeliver`),
        });
        await refresh();
    }

    let shown = "";

    async function refresh() {
        const [now, { webhooks }] = await Promise.all([get(address), get("/v1/webhooks")]);
        delivery = now;
        const webhook = webhooks.find((one) => one.id === now.webhookId);
        const text = JSON.stringify([now, webhook]);
        if (text === shown) return;
        shown = text;
        show(webhook);
    }

    await refresh();
    const stop = live.onEvent((_, event) => { if (event.udid === delivery.udid) refresh().catch(() => {}); });
    const slow = setInterval(() => { if (delivery.state === "pending") refresh().catch(() => {}); }, 2000);
    return {
        title: "Delivery",
        element,
        close() {
            stop();
            clearInterval(slow);
        },
    };
}
