/// What the outside is told of a phone; derived from presence, health and sessions, never set.
package enum Status: String, Hashable, Sendable, CaseIterable {
    case online, offline, utilizing, unplugged
}
