// Webhook Settings: all of them.
import { get, may } from "./api.js";
import { emptyState, h, keyed } from "./dom.js";
import { gate } from "./deliveries.js";
import { STATUS, STATUSES } from "./words.js";

export const eventBadges = (webhook) => STATUSES.filter((status) => webhook.events.includes(status))
    .map((status) => [h("span", { class: "badge", "data-status": status }, STATUS[status].word), " "]);

export async function view() {
    const rows = h("div", { class: "rows", role: "rowgroup" });
    const empty = h("div", { hidden: true });
    const table = h("div", { class: "table webhooks", role: "table", "aria-label": "Webhooks" },
        h("div", { role: "rowgroup", class: "head" }, h("div", { role: "row", class: "row" },
            ["Name", "URL", "Events", "State", "Waiting"].map((word) => h("div", { role: "columnheader" }, word)))), rows);
    const element = h("div", null,
        h("div", { class: "head-line" }, h("h1", null, "Webhook Settings"),
            may("org_setting.modify") ? h("p", { class: "actions" },
                h("a", { class: "button primary", href: "#/webhooks/new" }, "Create Webhook")) : null),
        empty, table);

    async function refresh() {
        const { webhooks } = await get("/v1/webhooks");
        table.hidden = webhooks.length === 0;
        empty.hidden = webhooks.length !== 0;
        if (!webhooks.length && !empty.firstChild) {
            empty.append(emptyState("There is no webhook yet: nobody is told when the status of a phone changes.",
                h("p", null, may("org_setting.modify") ? h("a", { class: "button primary", href: "#/webhooks/new" },
                    "Create Webhook")
                    : "Whoever has the permission org_setting.modify creates one.")));
        }
        keyed(rows, webhooks, (one) => one.id, () => h("div", { class: "row", role: "row" }), (row, one) => {
            const text = JSON.stringify(one);
            if (row.shown === text) return;
            row.shown = text;
            const hadFocus = row.contains(document.activeElement);
            row.replaceChildren(
                h("div", { role: "cell" }, h("a", { href: `#/webhooks/${one.id}` }, one.name), one.description
                    ? h("small", null, one.description) : null),
                h("div", { role: "cell" }, h("span", { class: "mono", title: one.url }, one.url)),
                h("div", { role: "cell", class: "events" }, eventBadges(one)),
                h("div", { role: "cell" }, gate(one)),
                h("div", { role: "cell" }, h("span", { class: "number" }, String(one.waiting))));
            if (hadFocus) row.querySelector("a").focus();
        });
    }

    await refresh();
    const slow = setInterval(() => refresh().catch(() => {}), 5000);
    return { title: "Webhook Settings", element, close: () => clearInterval(slow) };
}
