/// A status event and the moment in which it happened.
package struct RecordedEvent: Hashable, Sendable {
    package let event: StatusEvent
    package let at: WallTime

    package init(event: StatusEvent, at: WallTime) {
        self.event = event
        self.at = at
    }
}
