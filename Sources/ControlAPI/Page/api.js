// The control API as the page asks it: with the session's cookie, which the browser adds, and its token, which is kept here.

/** The header that the token goes in, and where it is kept: for this port alone, unlike a cookie; and for all tabs of it,
 * unlike what sessionStorage keeps. */
const TOKEN = "plughook-page-token";

/** Who is signed in, and what they may; null before and after. */
export let session = null;

const listeners = new Set();

/** Calls `listener(session)` whenever somebody is signed in, or nobody is any more. */
export function onSession(listener) {
    listeners.add(listener);
}

function setSession(next) {
    session = next;
    for (const listener of listeners) listener(session);
}

export function may(permission) {
    return session !== null && session.permissions.includes(permission);
}

/** What the agent answered when it did not do what it was asked (RFC 9457); `status` 0 when it did not answer. */
export class Problem extends Error {
    constructor(status, document = {}) {
        super(document.detail || document.title || `The agent answered with status ${status}.`);
        this.status = status;
        this.title = document.title || "";
        this.faults = document.faults || [];
    }
}

async function ask(method, path, body, headers = {}, signal) {
    const options = { method, headers: { ...headers }, signal, cache: "no-store", credentials: "same-origin" };
    const token = localStorage.getItem(TOKEN);
    if (token) options.headers[TOKEN] = token;
    if (body !== undefined) {
        options.headers["content-type"] = "application/json";
        options.body = JSON.stringify(body);
    }
    try {
        return await fetch(path, options);
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Problem(0, {
            detail: "The agent does not answer. Nothing is known of what came of it: look again once it does.",
        });
    }
}

async function documentOf(response) {
    const text = await response.text();
    try {
        return text ? JSON.parse(text) : null;
    } catch {
        return { detail: text.slice(0, 500) };
    }
}

/** The document of the answer; throws a Problem when it is none of success. */
export async function call(method, path, body, headers, signal) {
    const response = await ask(method, path, body, headers, signal);
    const document = await documentOf(response);
    if (response.ok) return document;
    if (response.status === 401 && session) setSession(null);
    throw new Problem(response.status, document || {});
}

export const get = (path, signal) => call("GET", path, undefined, undefined, signal);

/** The open answer to a request for a stream. */
export async function open(path, signal) {
    const response = await ask("GET", path, undefined, { accept: "text/event-stream" }, signal);
    if (response.ok) return response;
    if (response.status === 401 && session) setSession(null);
    throw new Problem(response.status, (await documentOf(response)) || {});
}

/** Takes up the session that the browser has; false when it has none. */
export async function resume() {
    const response = await ask("GET", "/page/session");
    if (response.ok) setSession(await response.json());
    else if (response.status === 401 && session) setSession(null);
    return response.ok;
}

// Another tab has signed in or out.
window.addEventListener("storage", ({ key }) => { if (key === TOKEN || key === null) resume().catch(() => {}); });

export async function signIn(code) {
    const response = await ask("POST", "/page/session", { code });
    const document = await documentOf(response);
    if (!response.ok) throw new Problem(response.status, document || {});
    const { pageToken, ...signedIn } = document;
    localStorage.setItem(TOKEN, pageToken);
    setSession(signedIn);
}

export async function signOut() {
    await call("DELETE", "/page/session");
    localStorage.removeItem(TOKEN);
    setSession(null);
}

/** A path of the API with its parameters; those without a value are left out. */
export function path(base, parameters = {}) {
    const kept = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== "");
    // Not URLSearchParams, for which a space is a plus.
    return kept.length ? `${base}?${kept.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}` : base;
}
