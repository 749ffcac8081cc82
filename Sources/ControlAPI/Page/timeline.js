// A phone's history as bands of status: one lane for each, so that it needs no colours to be read; and the same in words.
import { get, path } from "./api.js";
import { count, h, svg, time, timeText } from "./dom.js";
import { reasonText, STATUS, STATUSES } from "./words.js";

const WIDTH = 1000;
const LANE = 22;

/** The events of a phone since a moment, oldest first, and the one before them; not more than five thousand. */
async function eventsSince(udid, start) {
    const found = [];
    let before;
    for (let pages = 0; pages < 5; pages++) {
        const page = await get(path("/v1/events", { device: udid, limit: 1000, before }));
        const all = page.events;
        const changes = all.filter((event) => !event.session);
        const old = changes.findIndex((event) => new Date(event.at) < start);
        found.push(...(old < 0 ? changes : changes.slice(0, old + 1)));
        if (old >= 0 || all.length < 1000) return { events: found.reverse(), isWhole: true };
        before = all[all.length - 1].number;
    }
    return { events: found.reverse(), isWhole: false };
}

/** [{status, reason, from, to}] of the events, from `start` to `end`. */
export function bandsOf(events, start, end) {
    const bands = [];
    for (const event of events) {
        const at = new Date(event.at);
        const last = bands[bands.length - 1];
        if (last) last.to = new Date(Math.max(at, start));
        else if (event.previous && at > start) bands.push({ status: event.previous, from: start, to: at });
        bands.push({ status: event.status, reason: event.reason, from: new Date(Math.max(at, start)), to: end });
    }
    return bands.filter((band) => band.to > band.from);
}

function durationText(ms) {
    const minutes = Math.round(ms / 60e3);
    if (ms < 60e3) return `${Math.round(ms / 1e3)} s`;
    if (minutes < 120) return `${minutes} min`;
    return minutes < 48 * 60 ? `${(minutes / 60).toFixed(1)} h` : `${(minutes / 1440).toFixed(1)} days`;
}

function drawing(bands, start, end, words) {
    const scale = (at) => ((at - start) / (end - start)) * WIDTH;
    const picture = svg("svg", {
        class: "timeline", viewBox: `0 0 ${WIDTH} ${STATUSES.length * LANE}`, preserveAspectRatio: "none", role: "img",
            "aria-label": words,
    });
    const texts = h("div", { class: "lanes", "aria-hidden": "true" },
        STATUSES.map((status) => h("span", { "data-status": status },
        h("i", null, STATUS[status].sign), STATUS[status].word)));
    STATUSES.forEach((status, lane) => {
        const y = lane * LANE;
        picture.append(svg("line", { class: "lane", x1: 0, x2: WIDTH, y1: y + LANE - 1, y2: y + LANE - 1 }));
        let last = null;
        for (const band of bands.filter((one) => one.status === status)) {
            const x = scale(band.from);
            const width = Math.max(scale(band.to) - x, 1.5);
            // What is too narrow to be seen apart is drawn as one.
            if (last && x - last.end < 0.5) {
                last.end = x + width;
                last.rect.setAttribute("width", last.end - last.x);
                continue;
            }
            const rect = svg("rect", { class: "band", "data-status": status, x, y: y + 3, width, height: LANE - 7 },
                svg("title", null, [STATUS[status].word, reasonText(band.reason),
                    `${timeText(band.from.toISOString(), "whole")} to `
                    + timeText(band.to.toISOString(), "whole")].filter(Boolean).join(", ")));
            picture.append(rect);
            last = { rect, x, end: x + width };
        }
    });
    const ticks = h("div", { class: "ticks", "aria-hidden": "true" },
        [0, 0.25, 0.5, 0.75, 1].map((part) => time(new Date(+start + part * (end - start)).toISOString())));
    return h("div", { class: "timeline-box" }, texts, picture, ticks);
}

/** The timeline of a phone, with a choice of its span; `refresh()` draws it anew. */
export function timeline(udid) {
    const body = h("div", { class: "timeline-body", "aria-live": "off" });
    let hours = 24;
    let isDrawing = false;
    let isStale = false;

    async function refresh() {
        if (isDrawing) {
            isStale = true;
            return;
        }
        isDrawing = true;
        do {
            isStale = false;
            await draw().catch((problem) => body.replaceChildren(h("p", { class: "fault" }, problem.message)));
        } while (isStale);
        isDrawing = false;
    }

    async function draw() {
        const end = new Date();
        const start = new Date(end - hours * 3600e3);
        const { events, isWhole } = await eventsSince(udid, start);
        const bands = bandsOf(events, start, end);
        const sums = STATUSES.map((status) => [status, bands.filter((band) => band.status === status)
            .reduce((sum, band) => sum + (band.to - band.from), 0)]).filter(([, sum]) => sum > 0);
        const changes = events.filter((event) => new Date(event.at) >= start);
        const words = sums.length
            ? `${sums.map(([status, sum]) => `${STATUS[status].word} ${durationText(sum)}`).join(", ")}; `
                + `${count(changes.length, "change")}.`
            : "Nothing is known of this time.";
        const isOpen = body.querySelector("details")?.open;
        const details = h("details", { open: isOpen }, h("summary", null, "The changes as a list"),
            h("div", { class: "scroll" }, h("table", null,
                h("thead", null, h("tr", null, ["When", "Status", "Reason",
                    "Before"].map((word) => h("th", { scope: "col" }, word)))),
                h("tbody", null, changes.slice(-200).reverse().map((event) => h("tr", null,
                    h("td", null, time(event.at, "whole")),
                    h("td", null, STATUS[event.status].word), h("td", null, reasonText(event.reason) || "–"),
                    h("td", null, event.previous ? STATUS[event.previous].word : "–")))))));
        body.replaceChildren(drawing(bands, start, end, `History: ${words}`), h("p", null, words,
            isWhole ? null : " Of this time only the last 5000 events are drawn."), details);
    }

    const choice = (label, value) => h("label", { class: "inline" }, h("input", {
        type: "radio", name: "span", value: String(value), checked: value === hours,
            onchange: () => { hours = value; refresh(); },
    }), label);
    const element = h("section", { class: "card wide" }, h("div", { class: "head-line" }, h("h2", null, "History"),
        h("div", { class: "inline", role: "radiogroup", "aria-label": "Span of the history" },
            choice("24 hours", 24), choice("7 days", 168))), body);
    return { element, refresh };
}
