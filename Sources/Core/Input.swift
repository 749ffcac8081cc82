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
    /// With `force`, a phone that is offline gets the session too, and is utilizing once it is ready.
    case sessionStarted(UDID, Session, force: Bool)
    case sessionHeartbeat(UDID, SessionID)
    case sessionEnded(UDID, SessionID)
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
    /// What is to be known of this phone after a restart has changed.
    case remember(DeviceRecord)
    /// A phone that is not to be known any more: one of too many, ignored from now on, or forgotten by hand.
    case forget(UDID)
    case sessionAccepted(UDID, SessionID)
    case sessionRefused(UDID, SessionID, SessionRefusal)
    case sessionEnded(UDID, SessionID, SessionEnd)
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
