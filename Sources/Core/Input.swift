/// What the tracker can be told. Every one may come late, twice, or contradict another: that is data, never a fault.
package enum Input: Hashable, Sendable {
    /// The USB device is there; also for one that is known, with what is now known of it.
    case deviceAttached(USBDevice)
    case deviceDetached(USBPosition)
    /// All that is there now. The difference to what is known counts as attached and detached.
    case snapshotTaken([USBDevice])
    /// What a sensor says of a phone; `unknown` when it has nothing to say (any more).
    case healthReported(UDID, Verdict)
    /// What a phone says of itself; what is nil in it takes nothing back.
    case factsReported(UDID, PhoneFacts)
    /// It starts, waits or is refused: at once where it does not wait, else with a later input.
    case sessionRequested(SessionRequest)
    case sessionHeartbeat(SessionID)
    /// The owner of a session whose connection was lost has come back.
    case sessionResumed(SessionID)
    /// Of no meaning for one that has ended; one that still waits is taken out of the queue.
    case sessionEnded(SessionID, SessionEnd)
    /// All sessions that a watcher sees now, each on one phone.
    case sessionsObserved(by: String, [ObservedSession])
    /// It sees nothing any more, for now.
    case watcherLost(String)
    /// The configuration was read again. To be followed by a snapshot, which shows what is a phone now.
    case settingsChanged(TrackerSettings)
    /// Forget a phone that is neither there nor listed; others stay.
    case deviceForgotten(UDID)
    /// From now on for so long, at most `ExpectedAbsence.longest`; replaces what was said before. Of no meaning for a phone
    /// that is not known.
    case absenceExpected(UDID, ExpectedAbsence, for: Duration)
    case absenceCancelled(UDID)
    /// A deadline has come; see `Tracker.nextDeadline`.
    case timePassed
}

/// What the agent is to do, in this order.
package enum Action: Hashable, Sendable {
    /// Write it down, and tell those who asked for it unless it is silent.
    case record(StatusEvent)
    /// What is to be known of this phone after a restart has changed. Comes before the event of a status that it changes.
    case remember(DeviceRecord)
    /// A phone that is not to be known any more: one of too many, ignored from now on, or forgotten by hand.
    case forget(UDID)
    case sessionStarted(UDID, Session)
    /// Its deadlines are others now.
    case sessionChanged(UDID, Session)
    case sessionEnded(UDID, Session, SessionEnd)
    case sessionRefused(SessionID, SessionRefusal)
    /// From 1; an answer comes later.
    case sessionWaits(SessionID, position: Int)
    /// It does not wait any more, as it was told.
    case sessionWithdrawn(SessionID)
    /// Ask the sensor of this phone again: somebody wants to use it, and it is not ready.
    case lookAgain(UDID)
    case note(TrackerNote)
}

/// Facts that change nothing, for the log.
package enum TrackerNote: Hashable, Sendable {
    /// A phone without any identity: not reported until the configuration binds its port.
    case noIdentity(PortPath)
    /// Two phones carry one serial; not reported until the configuration binds their ports.
    case duplicateSerial(UDID, [PortPath])
    case moved(UDID, from: PortPath, to: PortPath)
    case absenceEnded(UDID, AbsenceEnd)
    /// More USB devices than a host can have; this one is not watched.
    case tooManyDevices(PortPath)
}
