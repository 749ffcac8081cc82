/// Why a phone that is there cannot be used; the same words in the log, the history and the interfaces.
package enum Reason: String, Hashable, Sendable, CaseIterable {
    case bootloader, recovery, rescue, dfu, restore, emergencyDownload
    /// Android's recovery waits for an update over adb.
    case sideload
    /// The phone has not been told to trust this host's adb key, or no longer does: a tap on it is needed.
    case unauthorized
    /// The adb server may not open the phone's USB device.
    case noPermissions
    /// The adb server sees the phone, but the phone does not answer it.
    case adbOffline
    /// The adb server answers, and does not list the phone: another program holds its interface, or the server lost it.
    case adbMissing
    /// No adb server answers.
    case adbServerDown
    /// Android has not come to the end of its boot.
    case notBooted
    /// The iPhone does not trust this host: it is to be paired by hand.
    case untrusted
    /// The iPhone is locked, and says nothing until its code is entered.
    case locked
    /// usbmuxd answers, and does not list the iPhone.
    case usbmuxdMissing
    /// No usbmuxd answers.
    case usbmuxdDown
    /// The cable is in, but the phone shows none of the interfaces that a tool could use.
    case noDebugInterface
    /// It shows nothing that it could be told by: only its port can.
    case noSerial
    /// Two phones carry this serial.
    case duplicateSerial
    /// The kernel was told not to use the device (`authorized` = 0).
    case usbBlocked
    /// It is away as was announced: rebooted, or flashed.
    case rebooting
    /// No verdict came in time.
    case activationTimeout
}
