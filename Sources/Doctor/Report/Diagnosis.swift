internal import Core

/// What one look at this host has found.
package struct Diagnosis: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable, CaseIterable {
        case ok
        /// The agent works, but not as well as it could, or not for long.
        case warning
        /// The agent does not work, or not wholly.
        case problem
        /// Nothing was looked at; `found` says why.
        case skipped
    }

    package let check: Check
    package let verdict: Verdict
    /// One line, safe to print.
    package let found: String
    /// One line, safe to print; a command where there is one. Every warning and every problem has it.
    package let mend: String?

    private init(_ check: Check, _ verdict: Verdict, _ found: String, mend: String?) {
        self.check = check
        self.verdict = verdict
        self.found = found.printable
        self.mend = mend?.printable
    }

    static func ok(_ check: Check, _ found: String) -> Diagnosis { Diagnosis(check, .ok, found, mend: nil) }

    static func warning(_ check: Check, _ found: String, mend: String) -> Diagnosis {
        Diagnosis(check, .warning, found, mend: mend)
    }

    static func problem(_ check: Check, _ found: String, mend: String) -> Diagnosis {
        Diagnosis(check, .problem, found, mend: mend)
    }

    static func skipped(_ check: Check, _ why: String, mend: String? = nil) -> Diagnosis {
        Diagnosis(check, .skipped, why, mend: mend)
    }

    func adding(_ more: String) -> Diagnosis { Diagnosis(check, verdict, "\(found); \(more)", mend: mend) }
}

/// What is looked at; the words are stable, programs go by them.
package enum Check: String, Hashable, Sendable, CaseIterable {
    /// One diagnosis for each fault.
    case config
    case configDirectory = "config-directory"
    case service
    case udevd
    case networkNamespace = "network-namespace"
    case receiveBuffer = "receive-buffer"
    case usb
    case udevRules = "udev-rules"
    case groups
    case clock
    case stateDirectory = "state-directory"
    case stateFileSystem = "state-file-system"
    case stateSpace = "state-space"
    case stateLock = "state-lock"
    case controlSocket = "control-socket"
    /// One for each server.
    case adb
    case usbmuxd
    /// One for each server.
    case appium
    /// One for each host and port that a webhook goes to.
    case receiver
}
