import Core

extension Kind where Value == [ListedDevice] {
    /// Two elements for one phone, or for one port, would leave open which of them counts.
    static var listedDevices: Kind {
        .list(
            of: .listedDevice,
            distinct: [
                Distinct(member: "udid", noun: "phone") { $0.udid.isEmpty ? nil : Array($0.canonicalUDID.utf8) },
                Distinct(member: "port", noun: "port") { $0.port.map { Array($0.utf8) } },
            ])
    }
}

extension Kind where Value == ListedDevice {
    fileprivate static var listedDevice: Kind {
        .object(
            ListedDevice(udid: ""),
            [
                Field(
                    "udid", \.udid, .udid, isRequired: true,
                    "The Android serial or Apple's identifier; with a port, the name to give to the phone there."),
                Field(
                    "name", \.name, Kind<String>.text(1...128).orNone,
                    "The name in callbacks; the phone's own by default."),
                Field(
                    "group", \.group, Kind<DeviceGroup>.choice().orNone,
                    "Public phones are never reported to a webhook; local by default."),
                Field("labels", \.labels, .labels, "Words of your own about the phone, like its team."),
                Field(
                    "port", \.port, Kind<String>.idPath.orNone,
                    "The ID_PATH of the port whose phone has no unique serial of its own."),
                Field("ignore", \.isIgnored, .boolean, "Never watched, never shown."),
            ])
    }
}

extension Kind where Value == String {
    /// As long as a USB string descriptor can be.
    fileprivate static var udid: Kind {
        .text(1...126, "a serial or Apple's identifier, as text of 1 to 126 characters").checked {
            (text) throws(Objection) in
            if text.trimmingNULAndSpace() != text {
                throw Objection("has white space at an end", "remove it: serials are compared without it")
            }
            if text.allSatisfy({ $0 == "?" }) {
                throw Objection(
                    "is a placeholder that phones without a serial show", "choose a name, and say which port it is for")
            }
        }
    }

    fileprivate static var idPath: Kind {
        .text(1...255, "an ID_PATH, like \"pci-0000:00:14.0-usb-0:4.2\"").checked(adding: ["pattern": "^[^ ]+$"]) {
            (text) throws(Objection) in
            if text.contains(" ") {
                throw Objection("has a space", "give the port's ID_PATH, as udevadm info shows it")
            }
        }
    }
}

extension ListedDevice {
    /// Apple's spellings of one identifier are one.
    fileprivate var canonicalUDID: String { UDID(apple: udid)?.description ?? udid }
}
