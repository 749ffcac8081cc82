internal import Core
internal import Logging

// What happened, told to those who look on.
extension Agent {
    /// What the service manager shows.
    var statusLine: String {
        let troubles = [
            reloading.isRefused ? "the configuration file is refused" : nil,
            ledger.refusal == nil ? nil : "the disk refuses what happened",
        ]
        return (["\(census)"] + troubles.compactMap(\.self)).joined(separator: "; ")
    }

    /// The log and the service manager can wait until the callbacks are on their way.
    func tellWhatIsDone() {
        if !told.events.isEmpty, case .ready = phase { service.status(statusLine) }
        control.feed.publish(told.events)
        for event in told.events where event.event.session == nil { logger.log(event.event) }
        for attempt in told.attempts { logger.log(attempt) }
        told = ([], [])
    }
}
