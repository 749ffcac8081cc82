// Who is signed in, where they are, and how fresh what they see is.
import { get, may, onSession, resume, session, signIn, signOut } from "./api.js";
import { announce, bdi, count, emptyState, h, problemBox, setText, shown, timeText } from "./dom.js";
import * as live from "./live.js";

const main = document.getElementById("main");
const frame = document.getElementById("frame");
const signInPage = document.getElementById("sign-in");
const problems = document.getElementById("problems");

/** Shown large and alone, for a screen that nobody sits at. */
const isWall = () => new URLSearchParams(location.search).has("wall") || routeOf().query.has("wall");

// ---------------------------------------------------------------- routes

const ROUTES = [
    [/^\/devices$/, () => import("./devices.js")],
    [/^\/devices\/(.+)$/, () => import("./device.js")],
    [/^\/webhooks$/, () => import("./webhooks.js")],
    [/^\/webhooks\/new$/, () => import("./webhook-edit.js")],
    [/^\/webhooks\/(\d+)\/edit$/, () => import("./webhook-edit.js")],
    [/^\/webhooks\/(\d+)$/, () => import("./webhook.js")],
    [/^\/deliveries$/, () => import("./deliveries.js")],
    [/^\/deliveries\/([^/]+)$/, () => import("./delivery.js")],
];

function routeOf() {
    const [place, query] = (location.hash.slice(1) || "/devices").split("?");
    return { place, query: new URLSearchParams(query || "") };
}

let current = null;
let visit = 0;

async function show() {
    const { place, query } = routeOf();
    if (!place.startsWith("/")) return; // the skip link, or the link to sign in
    const mine = ++visit;
    if (current && current.place === place && current.view.queried) return current.view.queried(query);
    const isFirst = current === null;
    const found = ROUTES.map(([pattern, load]) => ({ match: pattern.exec(place), load })).find(({ match }) => match);
    let view;
    try {
        view = found ? await (await found.load()).view(...found.match.slice(1).map(decodeURIComponent), query) : unknown(place);
    } catch (problem) {
        view = failed(problem);
    }
    if (mine !== visit) return view.close && view.close();
    if (current && current.view.close) current.view.close();
    current = { place, view };
    document.title = titleOf(view);
    document.body.classList.toggle("wall", isWall());
    for (const link of frame.querySelectorAll("nav a")) {
        if (place.startsWith(link.getAttribute("href").slice(1))) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
    main.replaceChildren(view.element);
    main.dataset.view = place;
    if (!isFirst) {
        scrollTo(0, 0);
        const heading = main.querySelector("h1");
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
    }
}

const titleOf = (view) => `${shown(view.title)} – Plughook`;

function unknown(place) {
    return {
        title: "Not found",
        element: h("div", null, h("h1", null, "Not found"),
            emptyState(["There is no ", bdi(place), " here."], h("p", null, h("a", { href: "#/devices" }, "All phones")))),
    };
}

function failed(problem) {
    return {
        title: problem.title || "Failed",
        element: h("div", null, h("h1", null, problem.title || "That did not work"),
            h("div", { class: "problem", role: "alert" },
            h("p", null, problem.message),
            h("p", null, h("button", { type: "button", onclick: () => { current = null; show(); } }, "Try again")))),
    };
}

window.addEventListener("hashchange", () => {
    if (location.hash.startsWith("#sign-in=")) enter();
    else if (session) show();
});

document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
});

// ---------------------------------------------------------------- signing in

function showSignIn(problem) {
    const input = h("input", { id: "code", name: "code", autocomplete: "off", spellcheck: "false",
        "aria-describedby": "code-hint" });
    const box = problemBox();
    const form = h("form", {
        onsubmit: async (event) => {
            event.preventDefault();
            const code = input.value.trim().replace(/^.*#sign-in=/, "");
            try {
                await signIn(code);
            } catch (refusal) {
                box.show(refusal);
                input.focus();
            }
        },
    }, h("div", { class: "field" }, h("label", { for: "code" }, "Link or code"), input,
        h("p", { id: "code-hint", class: "hint" }, "It is good once, for five minutes.")),
    h("button", { class: "primary" }, "Sign in"));
    signInPage.replaceChildren(h("section", { class: "card" }, h("h1", { tabindex: "-1" }, "Sign in"),
        h("p", null, "On the host that the phones hang on, run"),
        h("pre", null, "plughook page"),
        h("p", null, "and open the link that it prints; or paste the link here. You may do here what you may do there."),
        box.element, form));
    if (problem) box.show(problem);
    signInPage.hidden = false;
    main.hidden = frame.hidden = problems.hidden = true;
    document.title = "Sign in – Plughook";
    signInPage.querySelector("h1").focus();
}

let hasBegun = false;

onSession((now) => {
    if (!now) {
        live.stop();
        return showSignIn(hasBegun ? new Error("You are signed out. What you were at is kept until you sign in again.") : null);
    }
    signInPage.hidden = true;
    signInPage.replaceChildren();
    main.hidden = frame.hidden = false;
    setText(document.getElementById("user"), may("org_setting.modify") ? now.user : `${now.user} (looks on)`);
    live.start();
    // Whoever comes back finds what they were at, the half-written webhook included, unless they may do other things now.
    const rights = `${now.user} ${now.permissions.join()}`;
    if (!hasBegun || rights !== shownRights) {
        current = null;
        show();
    } else {
        document.title = titleOf(current.view);
    }
    shownRights = rights;
    hasBegun = true;
    lookAtStatus();
});
let shownRights = "";

document.getElementById("sign-out").addEventListener("click", () => {
    hasBegun = false;
    signOut().catch((problem) => announce(problem.message));
});

async function enter() {
    const code = /^#sign-in=(.+)$/.exec(location.hash);
    if (code) history.replaceState(null, "", `${location.pathname}${location.search}#/devices`);
    try {
        if (code) await signIn(code[1]);
        else if (!(await resume())) showSignIn();
    } catch (problem) {
        // The link was used already: perhaps by this browser.
        if (code && problem.status === 401 && (await resume().catch(() => false))) return;
        showSignIn(problem);
        if (problem.status === 0) setTimeout(enter, 2000);
    }
}

// ---------------------------------------------------------------- how fresh it is, and what is wrong with the host

const pill = document.getElementById("connection");

live.onConnection(({ state, at, isFirst }) => {
    document.body.classList.toggle("stale", state === "stale" && !isFirst);
    pill.className = state;
    pill.textContent = state === "live" ? "Live" : isFirst ? "Connecting…" : `Stale since ${timeText(at)}: reconnecting…`;
    if (state === "live") lookAtStatus();
});

let statusTimer;

async function lookAtStatus() {
    clearTimeout(statusTimer);
    if (!session) return;
    try {
        const status = await get("/v1/status");
        const now = status.problems;
        problems.hidden = now.length === 0 || main.hidden;
        if (now.join("\n") !== problems.dataset.shown) {
            problems.dataset.shown = now.join("\n");
            problems.replaceChildren(h("details", null,
                h("summary", null, `${count(now.length, "problem")}: ${now[0]}`),
                h("ul", null, now.map((text) => h("li", null, text)))));
        }
    } catch {
        // The connection's own sign says so.
    }
    statusTimer = setTimeout(lookAtStatus, document.hidden ? 60_000 : 15_000);
}

setInterval(() => {
    const words = live.takeWords();
    if (words) announce(words);
}, 5000);

enter();
