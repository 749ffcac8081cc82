// The agent's words as people read them.

export const STATUSES = ["online", "utilizing", "offline", "unplugged"];

export const STATUS = {
    online: { word: "Online", sign: "●", means: "there, and can be used" },
    utilizing: { word: "Utilizing", sign: "◆", means: "somebody uses it" },
    offline: { word: "Offline", sign: "▲", means: "the cable is in, and it cannot be used" },
    unplugged: { word: "Unplugged", sign: "○", means: "gone" },
};

const REASONS = {
    bootloader: "in its bootloader (fastboot)",
    recovery: "in recovery mode",
    rescue: "in rescue mode",
    dfu: "in DFU mode",
    restore: "is being restored",
    emergencyDownload: "in emergency download mode",
    sideload: "waits for an update over adb",
    unauthorized: "does not trust this host: tap “Allow USB debugging”",
    noPermissions: "the adb server may not open its USB device",
    adbOffline: "does not answer the adb server",
    adbMissing: "the adb server does not list it",
    adbServerDown: "no adb server answers",
    notBooted: "has not finished booting",
    untrusted: "does not trust this host: pair it",
    locked: "locked: enter its code",
    usbmuxdMissing: "usbmuxd does not list it",
    usbmuxdDown: "no usbmuxd answers",
    noDebugInterface: "only charging: no debug interface",
    noSerial: "has no serial: bind its port in the configuration",
    duplicateSerial: "two phones carry this serial",
    usbBlocked: "the kernel may not use it (authorized = 0)",
    rebooting: "away as announced",
    activationTimeout: "no verdict came in time",
};

export const reasonText = (reason) => REASONS[reason] || reason || "";

const OUTCOMES = {
    accepted: "Accepted",
    redirect: "Redirect, not followed",
    rejected: "Rejected as wrong",
    auth: "Refused: who sends it",
    http4xx: "Refused",
    gone: "Gone",
    throttled: "Asked for peace",
    http5xx: "Receiver's error",
    dns: "Name not found",
    connect: "No connection",
    tls: "TLS failed",
    timeout: "Timed out",
    connection: "Connection broke",
    protocol: "No proper HTTP",
    resendPrevented: "Sending twice was prevented",
    blocked: "Address not allowed",
    internal: "The agent's own fault",
    cancelled: "Stopped with the agent",
};

export const outcomeText = (outcome) => OUTCOMES[outcome] || outcome;

export const STATES = {
    pending: "Waiting",
    delivered: "Delivered",
    dead: "Dead",
    superseded: "Superseded",
    dropped: "Dropped",
    cancelled: "Cancelled",
};

export const EVENTS = {
    online: "from any status but utilizing to online",
    offline: "from any status to offline",
    utilizing: "from any status to utilizing",
    unplugged: "from any status to unplugged",
};

export const FORMATS = {
    kobiton: "kobiton: the nine keys",
    "kobiton-extended": "kobiton-extended: the nine keys, and where, why and who",
    cloudevents: "cloudevents: CloudEvents 1.0, structured",
    "cloudevents-binary": "cloudevents-binary: attributes in headers",
    template: "template: a Mustache file of your own",
};

/** The hub that a port is of: 1-4.2 is port 2 of hub 1-4, and 1-4 a port of the bus itself. */
export function hubOf(port) {
    if (!port) return "";
    const dot = port.lastIndexOf(".");
    return dot > 0 ? port.slice(0, dot) : port.split("-")[0];
}

export function hubText(hub) {
    if (!hub) return "No port known";
    return hub.includes("-") ? `Hub ${hub}` : `Bus ${hub}`;
}

export const milliseconds = (ms) => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s`
    : `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`);

/** How it stands with a webhook's receiver, in one sentence; `at(iso)` writes a time. */
export function gateText(webhook, at) {
    if (!webhook.enabled) return "Off: no callbacks are made";
    if (webhook.isSuspended) return "Suspended: callbacks wait until it is resumed";
    const away = webhook.away;
    if (away) return `Receiver away since ${at(away.since)} (${outcomeText(away.outcome).toLowerCase()})`;
    return "Sending";
}
