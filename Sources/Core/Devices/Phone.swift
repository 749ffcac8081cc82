/// One phone as the outside may see it.
package struct Phone: Hashable, Sendable {
    package let record: DeviceRecord
    package let group: DeviceGroup
    /// Whether the configuration lists it.
    package let isListed: Bool
    package let labels: [String: String]
    /// Where it hangs now, in the order of arrival. Two: a move that overlaps, or two phones with one serial.
    package let places: [USBPlace]
    /// Of the sessions on it, each once, in the order of their start.
    package let owners: [String]
}

/// A phone that hangs on USB now and tells nothing that it could be told by; until its port is bound to a name it has no
/// status, and nothing is reported of it.
package struct UnidentifiedPhone: Hashable, Sendable {
    package let platform: Platform
    package let place: USBPlace
    /// The product string, fit to be shown.
    package let product: String?
    /// `noSerial`, or the mode that hides the serial.
    package let reason: Reason
}

package struct USBPlace: Hashable, Sendable {
    package let port: PortPath
    /// What the configuration binds a port by.
    package let idPath: String?
}

extension Tracker {
    /// All that are known, in order of their UDID.
    package var phones: [Phone] {
        devices.values.map(phone).sorted { $0.record.udid.description < $1.record.udid.description }
    }

    package func phone(_ udid: UDID) -> Phone? { devices[udid].map(phone) }

    private func phone(_ device: TrackedDevice) -> Phone {
        Phone(
            record: device.record, group: device.group, isListed: device.isListed,
            labels: settings.listed[udid: device.record.udid]?.labels ?? [:],
            places: device.positions.compactMap { registry[$0]?.device.place }, owners: device.sessions.owners)
    }

    /// Those that nothing tells, in the order of their ports.
    package var unidentified: [UnidentifiedPhone] {
        registry.positions.compactMap { position -> UnidentifiedPhone? in
            guard let attachment = registry[position], attachment.owner == nil else { return nil }
            return UnidentifiedPhone(
                platform: attachment.platform, place: attachment.device.place, product: attachment.device.displayName,
                reason: attachment.mode.reason ?? .noSerial)
        }
    }

    /// What adb and usbmuxd call a phone that hangs on USB now: its serial, or where it goes by its port, that (`adb -s
    /// usb:1-4.2`).
    package func serial(of phone: UDID) -> String? {
        guard let position = devices[phone]?.positions.last, let attachment = registry[position] else { return nil }
        return attachment.identity == .serial(phone) ? phone.description : "usb:\(attachment.device.port)"
    }

    /// Those that hang on USB now, each once, to be looked for in what the sensors say.
    package var present: [PresentPhone] {
        registry.positions.compactMap { registry[$0] }.compactMap { attachment in
            guard let owner = attachment.owner, let device = devices[owner],
                device.positions.last == attachment.device.position
            else { return nil }
            let interfaces = attachment.device.interfaces
            return PresentPhone(
                udid: owner, platform: attachment.platform, position: attachment.device.position,
                port: attachment.device.port, hasOwnSerial: attachment.identity == .serial(owner),
                isReachable: attachment.platform == .ios || interfaces.isEmpty || interfaces.contains(.adb),
                reported: device.record.reported)
        }
    }
}

extension USBDevice {
    fileprivate var place: USBPlace { USBPlace(port: port, idPath: idPath) }
}
