internal import Core

/// The interfaces of all configurations and alternate settings in sysfs' `descriptors`: the device descriptor, then
/// the raw configurations one after another, as the device sent them.
///
/// For devices that libusb does not know. Any bytes are answered; what is malformed or cut off is passed over until the
/// next configuration. Layout: USB 2.0, sections 9.6.3 and 9.6.5.
func interfaces(inDescriptors bytes: [UInt8]) -> Set<USBInterface> {
    let configuration: UInt8 = 2
    let interface: UInt8 = 4
    var found: Set<USBInterface> = []
    var position = 0
    var endOfConfiguration = 0
    while position + 2 <= bytes.count {
        let length = Int(bytes[position])
        guard length >= 2, position + length <= bytes.count else {
            guard endOfConfiguration > position else { break }
            position = endOfConfiguration
            continue
        }
        switch bytes[position + 1] {
        case configuration where length >= 9:
            endOfConfiguration = position + Int(bytes[position + 2]) + Int(bytes[position + 3]) << 8
        case interface where length >= 9:
            found.insert(USBInterface(bytes[position + 5], bytes[position + 6], bytes[position + 7]))
        default: break
        }
        position += length
    }
    return found
}

/// The same from udev's `ID_USB_INTERFACES`, e.g. `:ff4201:060101:`.
func interfaces(inProperty text: String) -> Set<USBInterface> {
    Set(text.split(separator: ":").compactMap { USBInterface(hex: $0) })
}
