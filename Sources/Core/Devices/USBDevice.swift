/// A USB device as the kernel describes it, without having been opened.
///
/// All text is the device's own and hostile until proven otherwise: any length up to 126 UTF-16 units, any content.
package struct USBDevice: Hashable, Sendable {
    /// The key while it is there.
    package var position: USBPosition
    package var port: PortPath
    /// udev's `ID_PATH`: the controller-relative port; the halves of a USB 3 controller share it.
    package var idPath: String?
    package var vendorID: UInt16
    package var productID: UInt16
    /// `iSerialNumber` as the device sent it (sysfs `serial`), not udev's sanitised form.
    package var serial: String?
    package var manufacturer: String?
    package var product: String?
    /// Of *all* configurations and alternate settings: usbmuxd leaves an iPhone unconfigured for a while.
    package var interfaces: Set<USBInterface>
    /// Megabits per second, as sysfs `speed` tells; tells the halves of a USB 3 controller apart.
    package var speed: Int?
    /// False when the kernel was told not to use it (`authorized` = 0, USBGuard).
    package var isAuthorized: Bool

    package init(
        position: USBPosition, port: PortPath, idPath: String? = nil, vendorID: UInt16, productID: UInt16,
        serial: String? = nil, manufacturer: String? = nil, product: String? = nil,
        interfaces: Set<USBInterface> = [], speed: Int? = nil, isAuthorized: Bool = true
    ) {
        self.position = position
        self.port = port
        self.idPath = idPath
        self.vendorID = vendorID
        self.productID = productID
        self.serial = serial
        self.manufacturer = manufacturer
        self.product = product
        self.interfaces = interfaces
        self.speed = speed
        self.isAuthorized = isAuthorized
    }
}
