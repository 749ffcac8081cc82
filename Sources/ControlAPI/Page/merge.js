// What differs between two definitions, and what becomes of one that two people have changed.

/** The same text for the same value, whatever the order of the keys. */
export function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
    if (value && typeof value === "object") {
        return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
    }
    return JSON.stringify(value) ?? "null";
}

export const same = (a, b) => canonical(a) === canonical(b);

const isDictionary = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** The merge patch (RFC 7396) that makes `mine` of `base`. */
export function patchOf(base, mine) {
    const patch = {};
    for (const key of new Set([...Object.keys(base), ...Object.keys(mine)])) {
        if (same(base[key], mine[key])) continue;
        if (mine[key] === undefined || (isDictionary(mine[key]) && Object.keys(mine[key]).length === 0)) patch[key] = null;
        else if (isDictionary(base[key]) && isDictionary(mine[key])) patch[key] = patchOf(base[key], mine[key]);
        else patch[key] = mine[key];
    }
    return patch;
}

/** For each key: "theirs" where only they changed it, "both" where both did and differ; the others are as I have them. */
export function compare(base, mine, theirs) {
    const found = {};
    for (const key of new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)])) {
        if (same(base[key], theirs[key]) || same(mine[key], theirs[key])) continue;
        found[key] = same(base[key], mine[key]) ? "theirs" : "both";
    }
    return found;
}
