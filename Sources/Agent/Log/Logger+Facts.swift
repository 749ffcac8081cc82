internal import Core
internal import Hotplug
internal import Logging

// The words that the agent's facts go by in the log.
extension Logger {
    func log(_ event: StatusEvent) {
        info(
            "status.\(event.status.rawValue)",
            metadata: .present([
                "number": "\(event.number.value)", "device": "\(event.device)", "name": event.name,
                "previous": event.previous?.rawValue ?? "none", "reason": event.reason?.rawValue,
                "port": event.port?.description, "silent": event.isSilent ? "true" : nil,
            ]))
    }

    func log(_ attempt: Attempt) {
        let isAccepted = attempt.outcome == .accepted
        log(
            level: isAccepted ? .info : .warning, isAccepted ? "callback.accepted" : "callback.failed",
            metadata: .present([
                "id": attempt.callback.description, "attempt": "\(attempt.number)",
                "outcome": attempt.outcome.rawValue, "status": attempt.statusCode.map { "\($0)" },
                "detail": isAccepted ? nil : attempt.detail, "ms": "\(attempt.duration.wholeMilliseconds)",
                "wireSends": attempt.wireSends > 1 ? "\(attempt.wireSends)" : nil,
                "next": attempt.notBefore?.description,
            ]))
    }

    func log(_ note: TrackerNote) {
        switch note {
        case .noIdentity(let port):
            notice(
                "device.unidentified",
                metadata: [
                    "port": "\(port)", "why": "noSerial", "advice": "bind its port to a name in the configuration",
                ])
        case .duplicateSerial(let udid, let ports):
            warning(
                "device.duplicate",
                metadata: [
                    "device": "\(udid)", "ports": "\(ports.map(\.description).joined(separator: ","))",
                    "advice": "bind each port to a name in the configuration",
                ])
        case .moved(let udid, let from, let to):
            info("device.moved", metadata: ["device": "\(udid)", "from": "\(from)", "to": "\(to)"])
        case .absenceEnded(let udid, let end):
            info("device.absenceEnded", metadata: ["device": "\(udid)", "why": "\(end.rawValue)"])
        case .tooManyDevices(let port):
            warning("device.tooMany", metadata: ["port": "\(port)"])
        }
    }

    func log(_ note: HotplugNote) {
        switch note {
        case .source(let source):
            notice("hotplug.source", metadata: ["source": "\(source.kind.rawValue)", "why": "\(source.reason)"])
        case .udevDoubted(let reason):
            warning("hotplug.doubted", metadata: ["source": "udev", "why": "\(reason)"])
        case .receiveBuffer(let group, let bytes):
            info("hotplug.buffer", metadata: ["group": "\(group)", "bytes": "\(bytes)"])
        case .overflow(let group, let total):
            warning("hotplug.overflow", metadata: ["group": "\(group)", "total": "\(total)"])
        case .lateAddDropped(let devpath, let total):
            debug("hotplug.late", metadata: ["devpath": "\(devpath)", "total": "\(total)"])
        case .mismatch(let mismatch, let total):
            warning("hotplug.mismatch", metadata: ["what": "\(mismatch)", "total": "\(total)"])
        case .libusbUnavailable(let error):
            warning("hotplug.libusb", metadata: ["why": "\(error)"])
        case .sysfsTrouble(let error):
            warning("hotplug.sysfs", metadata: ["why": "\(error)"])
        }
    }

    func log(_ session: Action) {
        switch session {
        case .sessionStarted(let udid, let session):
            info(
                "session.started",
                metadata: [
                    "device": "\(udid)", "session": "\(session.id)", "owner": "\(session.owner)",
                    "kind": "\(session.kind.rawValue)",
                ])
        case .sessionRefused(let id, let why):
            info("session.refused", metadata: ["session": "\(id)", "why": "\(why)"])
        case .sessionEnded(let udid, let session, let cause):
            info(
                "session.ended",
                metadata: ["device": "\(udid)", "session": "\(session.id)", "cause": "\(cause.rawValue)"])
        case .sessionWaits(let id, let position):
            info("session.waits", metadata: ["session": "\(id)", "position": "\(position)"])
        case .sessionWithdrawn(let id): info("session.withdrawn", metadata: ["session": "\(id)"])
        case .record, .remember, .forget, .note, .sessionChanged, .lookAgain: break
        }
    }
}

extension Logger.Metadata {
    /// Only what there is.
    fileprivate static func present(_ values: KeyValuePairs<String, String?>) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for (key, value) in values { metadata[key] = value.map { .string($0) } }
        return metadata
    }
}
