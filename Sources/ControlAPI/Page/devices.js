// All phones: how many have which status, and a row for each that stays, whatever changes in it.
import { bdi, copyButton, count, emptyState, h, keyed, setAttribute, setText, setTime } from "./dom.js";
import * as live from "./live.js";
import { hubOf, hubText, reasonText, STATUS, STATUSES } from "./words.js";

const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

/** The words of one phone that are looked through. */
const textOf = (device) => [device.name, device.udid, device.model, device.port, device.idPath, device.osVersion,
    reasonText(device.reason), ...Object.entries(device.labels).flat(), ...device.sessions.map((session) => session.owner)]
    .join("\n").toLowerCase();

export function deadlineOf(session) {
    return [session.idleDeadline, session.lastDeadline].filter(Boolean).sort()[0] || null;
}

function statusWords(device) {
    if (device.expectedAbsence && device.status !== "offline") return "absence is announced";
    if (device.flags.length) return `${reasonText(device.flags[0])}: as last known`;
    return device.status === "offline" ? reasonText(device.reason) : "";
}

/** A row: made once, and written to only where something differs. */
class Row {
    constructor(device) {
        this.udid = device.udid;
        this.word = h("b");
        this.sign = h("i", { "aria-hidden": "true" });
        this.why = h("small");
        this.name = h("a", { href: `#/devices/${encodeURIComponent(device.udid)}` });
        this.model = h("small");
        this.port = h("span");
        this.place = h("small");
        this.since = h("time");
        this.holder = h("bdi");
        this.others = h("span");
        this.until = h("small");
        this.element = h("div", { class: "row", role: "row" },
            h("div", { role: "cell", class: "status" }, this.sign, this.word, this.why),
            h("div", { role: "cell", class: "name" }, this.name, this.model),
            h("div", { role: "cell", class: "udid" }, h("code", { title: device.udid }, device.udid),
                copyButton(device.udid, "UDID")),
            h("div", { role: "cell", class: "port" }, this.port, this.place),
            h("div", { role: "cell", class: "since" }, this.since),
            h("div", { role: "cell", class: "holder" }, h("span", null, this.holder, this.others), this.until));
    }

    write(device, filter) {
        const status = device.status || "unknown";
        setAttribute(this.element, "data-status", status);
        setText(this.sign, STATUS[status] ? STATUS[status].sign : "◌");
        setText(this.word, STATUS[status] ? STATUS[status].word : "Not known yet");
        const why = statusWords(device);
        setText(this.why, why);
        setAttribute(this.why, "title", why || null);
        setText(this.name, device.name || device.udid);
        setText(this.model, [device.model, device.osVersion].filter(Boolean).join(" · ")
            || { android: "Android", ios: "iOS" }[device.platform] || "");
        setText(this.port, device.port || "–");
        setText(this.place, hubText(hubOf(device.port)));
        setTime(this.since, device.since);
        const [session, ...others] = device.sessions;
        setText(this.holder, session ? session.owner : "");
        setText(this.others, others.length ? ` +${others.length}` : "");
        const until = session && deadlineOf(session);
        if (until !== this.untilValue) {
            this.untilValue = until;
            this.until.replaceChildren(...(until ? ["until ", setTimeOf(until)] : []));
        }
        this.isShown = filter(device);
        this.element.hidden = !this.isShown;
    }
}

function setTimeOf(iso) {
    const element = h("time");
    setTime(element, iso);
    return element;
}

export function view(query) {
    const rows = new Map();
    const groups = h("div", { class: "groups", role: "rowgroup" });
    const sections = new Map();
    let wanted = read(query);
    let isStructureStale = true;

    // ------------------------------------------------------------ what is asked for, kept in the address

    function read(parameters) {
        return {
            status: new Set((parameters.get("status") || "").split(",").filter((word) => STATUSES.includes(word))),
            text: parameters.get("q") || "",
            platform: parameters.get("platform") || "",
            flat: parameters.get("group") === "flat",
        };
    }

    function filter(device) {
        if (wanted.status.size && !wanted.status.has(device.status)) return false;
        if (wanted.platform && device.platform !== wanted.platform) return false;
        return !wanted.text || textOf(device).includes(wanted.text.toLowerCase());
    }

    function write() {
        const parameters = new URLSearchParams();
        if (wanted.status.size) parameters.set("status", [...wanted.status].join());
        if (wanted.text) parameters.set("q", wanted.text);
        if (wanted.platform) parameters.set("platform", wanted.platform);
        if (wanted.flat) parameters.set("group", "flat");
        const text = parameters.toString();
        history.replaceState(null, "", `${location.pathname}${location.search}#/devices${text ? `?${text}` : ""}`);
        refilter();
    }

    function refilter() {
        for (const row of rows.values()) {
            const device = live.devices.get(row.udid);
            if (device) row.write(device, filter);
        }
        changed(true);
    }

    // ------------------------------------------------------------ the parts

    const tiles = new Map(STATUSES.map((status) => {
        const number = h("b", null, "–");
        const button = h("button", {
            type: "button", class: "tile", "data-status": status, "aria-pressed": "false", title: STATUS[status].means,
            onclick: () => {
                if (!wanted.status.delete(status)) wanted.status.add(status);
                write();
            },
        }, number, h("span", null, h("i", { "aria-hidden": "true" }, STATUS[status].sign), STATUS[status].word));
        return [status, { number, button }];
    }));
    const search = h("input", {
        type: "search", id: "q", placeholder: "Name, UDID, port, label, owner…", autocomplete: "off", spellcheck: "false",
        oninput: () => { wanted.text = search.value; write(); },
    });
    const platform = h("select", { id: "platform", onchange: () => { wanted.platform = platform.value; write(); } },
        h("option", { value: "" }, "All"), h("option", { value: "android" }, "Android"), h("option", { value: "ios" }, "iOS"));
    const grouping = h("select", {
        id: "grouping", onchange: () => { wanted.flat = grouping.value === "flat"; isStructureStale = true; write(); },
    }, h("option", { value: "hub" }, "By hub"), h("option", { value: "flat" }, "Flat"));
    const summary = h("p", { class: "summary" }, "…");
    const empty = h("div", { hidden: true });
    const unidentified = h("section", { class: "unidentified", hidden: true });
    const table = h("div", { class: "table", role: "table", "aria-label": "Phones" },
        h("div", { role: "rowgroup", class: "head" }, h("div", { role: "row", class: "row" },
            ["Status", "Name", "UDID", "Port", "Since", "Held by"].map((word) => h("div", { role: "columnheader" }, word)))),
        groups);
    const element = h("div", { class: "devices" },
        h("h1", null, "Devices"),
        h("div", { class: "tiles", role: "group", "aria-label": "Phones by status; press to show only those" },
            [...tiles.values()].map(({ button }) => button)),
        h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
            h("label", { for: "q" }, "Search", search), h("label", { for: "platform" }, "Platform", platform),
            h("label", { for: "grouping" }, "Order", grouping), summary),
        empty, unidentified, table);

    function showWanted() {
        if (search.value !== wanted.text) search.value = wanted.text;
        platform.value = wanted.platform;
        grouping.value = wanted.flat ? "flat" : "hub";
    }

    // ------------------------------------------------------------ keeping it true

    function change(udid) {
        const device = live.devices.get(udid);
        const row = rows.get(udid);
        if (!device) {
            if (row) row.element.remove();
            rows.delete(udid);
            isStructureStale = true;
        } else if (row) {
            row.write(device, filter);
        } else {
            const made = new Row(device);
            made.write(device, filter);
            rows.set(udid, made);
            isStructureStale = true;
        }
    }

    function sectionOf(key) {
        let section = sections.get(key);
        if (!section) {
            const list = h("div", { class: "rows", role: "presentation" });
            const label = h("h2");
            const many = h("small");
            const heading = h("div", { class: "group", role: "row" }, h("div", { role: "cell" }, label, many));
            section = { key, list, heading, label, many, element: h("div", { class: "section", role: "presentation" }, heading,
                list) };
            setText(label, key === null ? "All" : hubText(key));
            sections.set(key, section);
        }
        return section;
    }

    function arrange() {
        isStructureStale = false;
        table.classList.toggle("flat", wanted.flat);
        const members = new Map();
        for (const [udid, row] of rows) {
            const device = live.devices.get(udid);
            if (!device) continue;
            const key = wanted.flat ? null : hubOf(device.port);
            if (!members.has(key)) members.set(key, []);
            members.get(key).push({ row, name: wanted.flat ? `${device.name}\n${udid}` : `${device.port || ""}\n${udid}` });
        }
        const keys = [...members.keys()].sort((a, b) => order(a || "\uffff", b || "\uffff"));
        for (const key of keys) {
            members.get(key).sort((a, b) => order(a.name, b.name));
            const section = sectionOf(key);
            section.rows = members.get(key).map(({ row }) => row);
            keyed(section.list, section.rows, (row) => row.udid, (row) => row.element);
            section.heading.hidden = key === null;
        }
        keyed(groups, keys, (key) => key, (key) => sections.get(key).element);
    }

    function changed(isStructure) {
        if (isStructure) isStructureStale = true;
        if (isStructureStale) arrange();
        const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
        for (const device of live.devices.values()) if (device.status in counts) counts[device.status]++;
        for (const [status, { number, button }] of tiles) {
            setText(number, live.connection.isFirst ? "–" : String(counts[status]));
            setAttribute(button, "aria-pressed", String(wanted.status.has(status)));
        }
        let shown = 0;
        for (const section of sections.values()) {
            const here = (section.rows || []).filter((row) => row.isShown).length;
            shown += here;
            section.element.hidden = here === 0;
            setText(section.many, count(here, "phone"));
            // For the room that it takes while it is out of sight.
            if (section.here !== here) section.element.style.setProperty("--rows", section.here = here);
        }
        const all = live.devices.size;
        setText(summary, shown === all ? count(all, "phone") : `${shown} of ${count(all, "phone")}`);
        showEmpty(all, shown);
        showUnidentified();
    }

    function showEmpty(all, shown) {
        const kind = live.connection.isFirst ? "" : all === 0 ? "none" : shown === 0 ? "hidden" : "";
        table.hidden = kind !== "";
        empty.hidden = kind === "";
        if (empty.dataset.kind === kind) return;
        empty.dataset.kind = kind;
        if (kind === "none") {
            empty.replaceChildren(emptyState("No phone has been seen on this host yet.",
                h("p", null, "Plug one in: it appears here within seconds. If it does not, ",
                    h("code", null, "plughook doctor"), " says why.")));
        } else if (kind === "hidden") {
            empty.replaceChildren(emptyState("No phone fits what is asked for.", h("p", null, h("button", {
                type: "button",
                onclick: () => {
                    wanted = read(new URLSearchParams(wanted.flat ? "group=flat" : ""));
                    showWanted();
                    write();
                    search.focus();
                },
            }, "Show all phones"))));
        }
    }

    let unidentifiedShown = "";

    function showUnidentified() {
        const text = JSON.stringify(live.unidentified);
        if (text === unidentifiedShown) return;
        unidentifiedShown = text;
        unidentified.hidden = live.unidentified.length === 0;
        unidentified.replaceChildren(h("h2", null, "Phones that tell nothing they could be told by"),
            h("ul", null, live.unidentified.map((phone) => h("li", null,
                bdi(phone.product || "Phone"), ` on port ${phone.port}: ${reasonText(phone.reason)}`,
                phone.idPath ? [" · ", h("code", null, phone.idPath)] : null))));
    }

    showWanted();
    const stop = live.watch({ change, changed });
    live.showAll();
    changed(true);
    return {
        title: "Devices",
        element,
        queried(parameters) {
            const before = wanted.flat;
            wanted = read(parameters);
            if (before !== wanted.flat) isStructureStale = true;
            showWanted();
            refilter();
        },
        close: stop,
    };
}
