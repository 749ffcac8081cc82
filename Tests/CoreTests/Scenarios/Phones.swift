import Core

extension USBDevice {
    /// An Android phone with adb on, whose serial is its name.
    static func android(
        _ serial: String?, port: String = "1-1", number: Int = 2, product: String? = nil
    ) -> USBDevice {
        USBDevice(
            position: .on(port, number), port: PortPath(port), idPath: "pci-0000:00:14.0-usb-0:\(port.dropFirst(2))",
            vendorID: 0x18d1, productID: 0x4ee7, serial: serial, product: product, interfaces: [.adb])
    }

    static func iphone(_ serial: String?, port: String = "1-1", number: Int = 2, product: String = "iPhone")
        -> USBDevice
    {
        var phone = USBDevice.android(serial, port: port, number: number, product: product)
        phone.vendorID = 0x05ac
        phone.productID = 0x12a8
        phone.interfaces = [.usbmux]
        return phone
    }

    /// A stick: mass storage, and a serial as phones have it.
    static func stick(port: String = "1-1", number: Int = 2) -> USBDevice {
        var stick = USBDevice.android("4C530001", port: port, number: number, product: "Ultra Fit")
        stick.vendorID = 0x0781
        stick.productID = 0x5583
        stick.interfaces = [USBInterface(0x08, 0x06, 0x50)]
        return stick
    }

    /// The same phone after it enumerated once more, perhaps elsewhere.
    func again(port: String? = nil, number: Int) -> USBDevice {
        var other = self
        other.port = PortPath(port ?? self.port.description)
        other.position = .on(other.port.description, number)
        other.idPath = "pci-0000:00:14.0-usb-0:\(other.port.description.dropFirst(2))"
        return other
    }

    func inFastboot(number: Int) -> USBDevice {
        var phone = again(number: number)
        phone.productID = 0x4ee0
        phone.interfaces = [.fastboot]
        phone.product = "Android"
        return phone
    }

    /// Qualcomm's emergency download: another vendor, no serial.
    func inEmergencyDownload(number: Int) -> USBDevice {
        var phone = again(number: number)
        (phone.vendorID, phone.productID, phone.serial) = (0x05c6, 0x9008, nil)
        phone.interfaces = [USBInterface(0xff, 0xff, 0xff)]
        phone.product = "QUSB__BULK"
        return phone
    }

    /// Apple's recovery (1281) and DFU (1227), with the mode serial.
    func inAppleMode(_ productID: UInt16, ecid: String, number: Int) -> USBDevice {
        var phone = again(number: number)
        phone.productID = productID
        phone.serial = "CPID:8020 CPRV:11 CPFM:03 SCEP:01 BDID:0C ECID:\(ecid) IBFL:3C SRTG:[iBoot-3865.0.0.4.7]"
        phone.interfaces = [USBInterface(0xfe, 0x01, 0x00)]
        return phone
    }
}

extension USBPosition {
    static func on(_ port: String, _ number: Int) -> USBPosition {
        USBPosition(devpath: "/devices/pci0000:00/0000:00:14.0/usb1/\(port)", bus: 1, number: number)
    }
}
