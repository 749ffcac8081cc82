internal import Core
internal import Glibc
internal import Hotplug
internal import Linux

/// What hangs on this host's USB.
struct USBBus: Hashable {
    enum Sight: Hashable {
        case noUSB
        case unreadable(SystemError)
        /// How many devices, hubs included, and the phones among them.
        case present(devices: Int, phones: [Platform])
    }

    var sight: Sight

    func hasPhone(of platform: Platform) -> Bool {
        if case .present(_, let phones) = sight { phones.contains(platform) } else { false }
    }

    var diagnosis: Diagnosis {
        switch sight {
        case .noUSB:
            .problem(
                .usb, "/sys/bus/usb/devices is missing: this kernel has no USB, or /sys is not visible here",
                mend: "modprobe usbcore; into a container mount /sys, read-only")
        case .unreadable(let error):
            .problem(
                .usb, "the list of USB devices cannot be read (\(error))",
                mend: "let the sandbox show /sys to this user, read-only")
        case .present(0, _):
            .warning(
                .usb, "not even a root hub is there: no USB controller, or none with a driver",
                mend: "modprobe xhci_pci; lspci -k shows controllers and drivers; a virtual machine has to be given one"
            )
        case .present(let devices, let phones):
            .ok(.usb, "USB devices: \(devices), phones among them: \(phones.count)\(Self.kinds(phones))")
        }
    }

    private static func kinds(_ phones: [Platform]) -> String {
        let android = phones.count { $0 == .android }
        return phones.isEmpty ? "" : " (Android \(android), iOS \(phones.count - android))"
    }
}

extension USBBus {
    init(rules: DetectionRules) {
        guard access("/sys/bus/usb/devices", F_OK) == 0 || errno != ENOENT else {
            sight = .noUSB
            return
        }
        do throws(SystemError) {
            let devices = try HostSurvey.devices()
            let phones = devices.compactMap { Recognition($0, rules: rules) }.filter(\.isCertain).map(\.platform)
            sight = .present(devices: devices.count, phones: phones)
        } catch {
            sight = .unreadable(error)
        }
    }
}
