// One phone: what is known of it, how it was, who has it, and what was told of it.
import { call, get, may, path, session } from "./api.js";
import { bdi, confirm, copyButton, emptyState, h, keyed, listed, problemBox, setText, time, timeText } from "./dom.js";
import { deadlineOf } from "./devices.js";
import * as live from "./live.js";
import { deliveryLine } from "./deliveries.js";
import { timeline } from "./timeline.js";
import { hubOf, hubText, reasonText, STATUS } from "./words.js";

const BOUND = {
    heartbeats: () => "heartbeats",
    process: (one) => `process ${one.pid}`,
    connection: () => "its connection",
    observed: () => "what Appium says",
};

export async function view(udid) {
    const address = `/v1/devices/${encodeURIComponent(udid)}`;
    let device = await get(address);
    const name = bdi(device.name);
    const badge = h("span", { class: "badge" });
    const facts = h("dl", { class: "facts" });
    const sessions = h("section", { class: "card" });
    const callbacks = h("ul", { class: "list" });
    const noCallbacks = h("div");
    const absence = h("section", { class: "card" });
    const forget = h("button", { type: "button", class: "danger", onclick: forgetIt }, "Forget this phone…");
    const history = timeline(udid);
    const element = h("div", null,
        h("p", { class: "crumb" }, h("a", { href: "#/devices" }, "Devices")),
        h("div", { class: "head-line" }, h("h1", null, name, " ", badge), h("p", { class: "actions" }, forget)),
        h("div", { class: "columns" },
            h("section", { class: "card" }, h("h2", null, "Facts"), facts),
            h("div", null, sessions, absence),
            history.element,
            h("section", { class: "card wide" }, h("div", { class: "head-line" }, h("h2", null, "Callbacks"),
                h("a", { href: `#${path("/deliveries", { device: udid })}` }, "All of this phone")), callbacks, noCallbacks)));

    function fact(term, ...what) {
        const given = what.flat().filter((part) => part !== null && part !== undefined && part !== "" && part !== false);
        return given.length ? [h("dt", null, term), h("dd", null, given)] : null;
    }

    function showFacts() {
        const status = device.status || "unknown";
        setText(name, device.name);
        badge.dataset.status = status;
        badge.replaceChildren(...(STATUS[status] ? [h("i", { "aria-hidden": "true" }, STATUS[status].sign), STATUS[status].word]
            : ["Not known yet"]));
        facts.replaceChildren(...[
            fact("Status", STATUS[status] ? STATUS[status].word : "Not known yet",
                device.reason && status === "offline" ? `: ${reasonText(device.reason)}` : null),
            fact("Since", device.since ? time(device.since, "whole") : null),
            device.flags.length ? fact("But", device.flags.map(reasonText).join(", "), ": this is what was last known") : null,
            fact("UDID", h("code", null, bdi(udid)), copyButton(udid, "UDID")),
            fact("Model", device.model),
            fact("System", { android: "Android", ios: "iOS" }[device.platform],
                device.osVersion && [" ", bdi(device.osVersion)]),
            fact("Port", device.port ? `${device.port} · ${hubText(hubOf(device.port))}` : null),
            fact("ID_PATH", device.idPath ? h("code", null, device.idPath) : null),
            device.places.length > 1 ? fact("Hangs on", device.places.map((place) => place.port).join(" and ")) : null,
            fact("Group", `${device.group}${device.group === "public" ? ": no webhook is told of it" : ""}`,
                device.isListed ? null : " (not listed in the configuration)"),
            fact("Labels", listed(Object.entries(device.labels).map(([key, value]) => `${key}=${value}`), ", ")),
            fact("Told by", device.sensor),
        ].flat().filter(Boolean));
        forget.hidden = !may("org_setting.modify") || device.isListed || status !== "unplugged";
    }

    // ------------------------------------------------------------ sessions

    const isOwn = ({ startedBy = "" }) => startedBy === session.user || startedBy.includes(`(${session.user})`);
    const mayEnd = (one) => may("session.manage") && (may("org_setting.modify") || isOwn(one));

    function showSessions() {
        const items = device.sessions.map((one) => {
            const until = deadlineOf(one);
            return h("li", { class: "head-line" }, h("div", null, h("b", null, bdi(one.owner)), one.kind === "session" ? null
                : ` (${one.kind})`,
                one.isExclusive ? ", alone" : null, h("br"),
                h("small", null, "since ", time(one.startedAt), until ? [", until ", time(until)] : null,
                    one.startedBy ? [", started by ", bdi(one.startedBy)] : null,
                    one.boundTo ? `, lives by ${BOUND[one.boundTo](one)}` : null)),
            mayEnd(one) && one.boundTo !== "observed"
                ? h("button", { type: "button", class: "danger", onclick: () => endSession(one) }, "End…") : null);
        });
        const focused = sessions.contains(document.activeElement);
        sessions.replaceChildren(h("h2", { tabindex: "-1" }, "Sessions"), items.length ? h("ul", { class: "list" }, items)
            : h("p", { class: "hint" }, "Nobody has this phone. A session is started with ",
                h("code", null, "plughook sessions start"), " or over the API."));
        if (focused) sessions.querySelector("h2").focus();
    }

    async function endSession(one) {
        await confirm({
            title: ["End the session of ", bdi(one.owner), "?"],
            paragraphs: [["Whoever works on ", bdi(device.name), " may lose it to somebody else at once. "
                + "The end is on record as revoked, or as released when it is yours."]],
            action: "End session", danger: true,
            act: () => call("DELETE", `/v1/sessions/${encodeURIComponent(one.id)}`),
        });
        await refresh();
    }

    // ------------------------------------------------------------ expected absence

    function showAbsence() {
        const expected = device.expectedAbsence;
        absence.hidden = !may("org_setting.modify") && !expected;
        const kind = expected ? `${expected.until} ${expected.reason}` : "form";
        if (absence.dataset.kind === kind) return;
        absence.dataset.kind = kind;
        if (expected) {
            const box = problemBox();
            absence.replaceChildren(h("h2", null, "Expected absence"),
                h("p", null, "Expected to be away until ", time(expected.until), expected.reason ? [": ", bdi(expected.reason)]
                    : "."), box.element,
                may("org_setting.modify") ? h("button", {
                    type: "button",
                    onclick: () => call("DELETE", `${address}/expect-absence`).then(took, box.show),
                }, "Expect it no longer") : null);
            return;
        }
        const minutes = h("input", { id: "minutes", inputmode: "numeric", value: "10", size: "4",
            "aria-describedby": "minutes-fault" });
        const reason = h("input", { id: "why", "aria-describedby": "why-fault" });
        const faults = { "/seconds": h("p", { class: "fault", id: "minutes-fault" }),
            "/reason": h("p", { class: "fault", id: "why-fault" }) };
        const box = problemBox();
        absence.replaceChildren(h("h2", null, "Expect absence"),
            h("p", { class: "hint" },
                "Before it is rebooted or flashed: it is then offline (rebooting), and unplugged only when the time is up."),
            h("form", {
                onsubmit: async (event) => {
                    event.preventDefault();
                    box.show(null);
                    Object.values(faults).forEach((fault) => setText(fault, ""));
                    const asked = Number(minutes.value.replace(",", ".")) * 60;
                    try {
                        took(await call("POST", `${address}/expect-absence`,
                            { seconds: Number.isFinite(asked) ? Math.round(asked) : minutes.value, reason: reason.value }));
                    } catch (problem) {
                        const left = problem.faults?.filter(({ pointer, problem: what, advice }) => {
                            if (faults[pointer]) setText(faults[pointer], `${what}: ${advice}`);
                            return !faults[pointer];
                        });
                        if (!left || left.length || !problem.faults.length) box.show(problem);
                    }
                },
            }, h("div", { class: "inline absence" },
                h("div", null, h("label", { for: "minutes" }, "Minutes ", minutes), faults["/seconds"]),
                h("div", null, h("label", { for: "why" }, "Why ", reason), faults["/reason"]),
                h("button", null, "Expect")),
            box.element));
    }

    async function forgetIt() {
        const gone = await confirm({
            title: ["Forget ", bdi(device.name), "?"],
            paragraphs: ["Its name and status are forgotten; its history stays. When it is plugged in again it is seen as for "
                + "the first time."],
            action: "Forget", danger: true, act: () => call("DELETE", address),
        });
        if (gone) location.hash = "#/devices";
    }

    // ------------------------------------------------------------ keeping it true

    function took(now) {
        device = now;
        showFacts();
        showSessions();
        showAbsence();
    }

    async function showCallbacks() {
        const { webhooks } = await get("/v1/webhooks");
        const page = await get(path("/v1/deliveries", { device: udid, limit: 10 }));
        keyed(callbacks, page.deliveries, (one) => `${one.id} ${one.state} ${one.attemptCount}`,
            (one) => deliveryLine(one, webhooks));
        noCallbacks.replaceChildren(...(page.deliveries.length ? [] : [emptyState("No callback was made for this phone yet.",
            h("p", null, webhooks.length ? "The next change of its status makes one, if a webhook wants it."
                : h("a", { href: "#/webhooks/new" }, "Create a webhook")))]));
    }

    let timer = null;

    async function refresh() {
        try {
            took(await get(address));
            await Promise.all([history.refresh(), showCallbacks()]);
        } catch (problem) {
            if (problem.status === 404) location.hash = "#/devices";
        }
    }

    const stop = live.onEvent((_, event) => {
        if (event.udid !== udid || timer) return;
        timer = setTimeout(() => { timer = null; refresh(); }, 400);
    });
    const slow = setInterval(refresh, 30_000);
    took(device);
    history.refresh();
    showCallbacks().catch(() => {});
    return {
        title: device.name || udid,
        element,
        close() {
            stop();
            clearInterval(slow);
            clearTimeout(timer);
        },
    };
}
