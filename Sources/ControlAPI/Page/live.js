// The phones as they are now: a snapshot, kept true by the agent's server-sent events, and told to whoever shows it in
// slices of a frame, so that many changes at once hold up neither typing nor scrolling.
import { get, open, path, session } from "./api.js";

const SILENCE = 40_000; // the agent says something every 15 s
const HIDDEN = 60_000; // a page that nobody sees gives its connection back after that
const SLICE = 6; // milliseconds of a frame

/** udid → Device of the API. */
export const devices = new Map();
export let unidentified = [];
/** "connecting", "live", or "stale" since `connection.at`. */
export const connection = { state: "connecting", at: null, isFirst: true };

const viewers = new Set();
const connectionListeners = new Set();
const eventListeners = new Set();
const dirty = new Set();
let isStructureDirty = false;
let isFramePending = false;

/** `viewer.change(udid)` for each phone that changed, then `viewer.changed(isStructure)` once in a frame. */
export function watch(viewer) {
    viewers.add(viewer);
    return () => viewers.delete(viewer);
}

export const onConnection = (listener) => connectionListeners.add(listener);

/** Every event of the stream as it comes; returns how to stop it. */
export function onEvent(listener) {
    eventListeners.add(listener);
    return () => eventListeners.delete(listener);
}

function touch(udid) {
    dirty.add(udid);
    schedule();
}

/** Has every phone told to the viewers, as one that has just come needs it. */
export function showAll() {
    for (const udid of devices.keys()) dirty.add(udid);
    schedule();
}

function schedule() {
    if (isFramePending) return;
    isFramePending = true;
    requestAnimationFrame(frame);
}

function frame() {
    isFramePending = false;
    const end = performance.now() + SLICE;
    for (const udid of dirty) {
        dirty.delete(udid);
        for (const viewer of viewers) viewer.change(udid);
        if (performance.now() > end) break;
    }
    const structure = isStructureDirty;
    isStructureDirty = false;
    for (const viewer of viewers) viewer.changed(structure);
    if (dirty.size) schedule();
}

// ---------------------------------------------------------------- snapshots

let refreshTimer = null;
let refreshDue = Infinity;
let lastRefresh = 0;
let touchedMeanwhile = null;

/** Reads all phones anew; what events have changed while the answer came stays as the events had it. */
async function refresh(signal) {
    clearTimeout(refreshTimer);
    refreshDue = Infinity;
    lastRefresh = performance.now();
    const touched = (touchedMeanwhile = new Set());
    const answer = await get("/v1/devices", signal);
    if (touchedMeanwhile === touched) touchedMeanwhile = null;
    const seen = new Set();
    for (const device of answer.devices) {
        seen.add(device.udid);
        const known = devices.get(device.udid);
        if (!known || known.port !== device.port || known.name !== device.name) isStructureDirty = true;
        if (known && touched.has(device.udid)) {
            device.status = known.status;
            device.since = known.since;
            device.reason = known.reason;
            device.sessions = known.sessions;
        }
        devices.set(device.udid, device);
        dirty.add(device.udid);
    }
    for (const udid of devices.keys()) {
        if (seen.has(udid) || touched.has(udid)) continue;
        devices.delete(udid);
        dirty.add(udid);
        isStructureDirty = true;
    }
    unidentified = answer.unidentified;
    schedule();
    refreshWithin(touched.size ? 5000 : 30_000);
}

function refreshWithin(delay) {
    const due = performance.now() + delay;
    if (refreshDue <= due) return;
    refreshDue = due;
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(() => {
        refreshDue = Infinity;
        if (connection.state === "live" && stream) refresh(stream.signal).catch(() => refreshWithin(5000));
    }, delay);
}

/** Soon after a change, since an event does not tell everything; not more often than each five seconds. */
export const refreshSoon = () => refreshWithin(Math.max(300, lastRefresh + 5000 - performance.now()));

// ---------------------------------------------------------------- events

let lastNumber = null;
const words = [];

function take(name, data) {
    if (name !== "status" && name !== "session") return;
    if (data.number) lastNumber = data.number;
    let device = devices.get(data.udid);
    if (!device) {
        device = { udid: data.udid, labels: {}, flags: [], places: [], sessions: [], group: data.group };
        devices.set(data.udid, device);
        isStructureDirty = true;
    }
    if (name === "session") {
        const { id, owner, kind, change } = data.session;
        device.sessions = device.sessions.filter((other) => other.id !== id);
        if (change === "started") device.sessions.push({ id, owner, kind, startedAt: data.at, udid: data.udid });
    } else {
        if (device.port !== data.port || device.name !== data.name) isStructureDirty = true;
        device.status = data.status;
        device.since = data.at;
        device.reason = data.status === "offline" ? data.reason : undefined;
        device.name = data.name;
        device.platform = data.platform || device.platform;
        device.port = data.port || device.port;
        words.push(`${data.name} ${data.status}`);
    }
    if (touchedMeanwhile) touchedMeanwhile.add(data.udid);
    touch(data.udid);
    refreshSoon();
}

/** What has changed since it was asked last, for a screen reader. */
export function takeWords() {
    const taken = words.splice(0);
    return taken.length > 3 ? `${taken.length} changes of status` : taken.join(", ");
}

/** Reads frames of `text/event-stream` until it ends; comments count as a sign of life alone. */
async function read(response, alive) {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let buffer = "";
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        alive();
        buffer += decoder.decode(value, { stream: true });
        for (let end; (end = buffer.indexOf("\n\n")) >= 0; buffer = buffer.slice(end + 2)) {
            const frameText = buffer.slice(0, end);
            let name = "";
            let data = "";
            for (const line of frameText.split("\n")) {
                if (line.startsWith("event: ")) name = line.slice(7);
                else if (line.startsWith("data: ")) data += line.slice(6);
            }
            if (!name) continue;
            const content = JSON.parse(data);
            take(name, content);
            for (const listener of eventListeners) listener(name, content);
            if (name === "cutoff" || name === "failure") return;
        }
    }
}

let stream = null;
let attempt = 0;
let retryTimer = null;

function tell(state) {
    if (connection.state === state) return;
    connection.state = state;
    connection.at = new Date().toISOString();
    if (state === "live") connection.isFirst = false;
    for (const listener of connectionListeners) listener(connection);
}

async function follow() {
    const controller = (stream = new AbortController());
    let silence;
    const alive = () => {
        clearTimeout(silence);
        silence = setTimeout(() => controller.abort(), SILENCE);
    };
    try {
        alive();
        // The next connection goes on behind it.
        lastNumber ??= (await get("/v1/events?limit=1", controller.signal)).events[0]?.number ?? 0;
        const response = await open(path("/v1/events/stream", { after: lastNumber }), controller.signal);
        const reading = read(response, alive);
        reading.catch(() => {});
        await refresh(controller.signal);
        attempt = 0;
        tell("live");
        await reading;
    } catch (problem) {
        // A number that the agent does not know of is of another state directory: begin anew.
        if (problem.status === 400 || problem.status === 404) lastNumber = null;
    }
    clearTimeout(silence);
    controller.abort();
    if (stream !== controller) return;
    stream = null;
    tell("stale");
    if (session) retry(Math.min(500 * 2 ** attempt++, 5000));
}

function retry(delay) {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => { if (session && !stream) follow(); }, delay);
}

export function start() {
    if (!stream) retry(0);
}

export function stop() {
    clearTimeout(retryTimer);
    clearTimeout(refreshTimer);
    const old = stream;
    stream = null;
    if (old) old.abort();
    tell("stale");
}

let hiddenTimer;
document.addEventListener("visibilitychange", () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(stop, HIDDEN);
    else if (session) start();
});
window.addEventListener("online", () => { if (session) { attempt = 0; start(); } });
