internal import ControlAPI
internal import Core
internal import Linux
internal import PlughookConfiguration

// Who is about to reboot or flash a phone says so here.
extension Agent {
    /// Says beforehand that a phone will be away; what was said before of the same phone is replaced.
    func expectAbsence(of device: UDID, _ json: [UInt8], by actor: String) -> Result<DeviceView, ControlError> {
        guard let phone = tracker.phone(device) else { return .failure(unknownDevice(device)) }
        do throws(InvalidConfiguration) {
            let announced = try AbsenceAnnouncement(json: json)
            let until = WallTime(milliseconds: WallTime.now().milliseconds + announced.duration.wholeMilliseconds)
            let absence = ExpectedAbsence(until: until, reason: announced.reason)
            handle(.absenceExpected(device, absence, for: announced.duration), .now())
            note(
                actor, "device.expectAbsence", "device \(device)", before: phone.record.expectedAbsence?.words ?? "",
                after: absence.words)
            return view(of: device)
        } catch {
            return .failure(.invalid(error.faults.map(FaultView.init)))
        }
    }

    /// Harmless where no absence is expected (any more): whoever is done need not ask whether the phone is back.
    func cancelExpectedAbsence(of device: UDID, by actor: String) -> Result<DeviceView, ControlError> {
        guard let phone = tracker.phone(device) else { return .failure(unknownDevice(device)) }
        if let absence = phone.record.expectedAbsence {
            handle(.absenceCancelled(device), .now())
            note(actor, "device.cancelAbsence", "device \(device)", before: absence.words, after: "")
        }
        return view(of: device)
    }

    private func view(of device: UDID) -> Result<DeviceView, ControlError> {
        deviceViews.first { $0.udid == device.description }.map { .success($0) } ?? .failure(unknownDevice(device))
    }
}

extension ExpectedAbsence {
    /// For the audit trail.
    fileprivate var words: String { "until \(until)" + (reason.isEmpty ? "" : ": \(reason)") }
}
