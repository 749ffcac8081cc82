/// Why a phone that is there cannot be used; the same words in the log, the history and the interfaces.
package enum Reason: String, Hashable, Sendable, CaseIterable {
    case bootloader, recovery, rescue, dfu, restore, emergencyDownload
    /// The cable is in, but the phone shows none of the interfaces that a tool could use.
    case noDebugInterface
    /// Two phones carry this serial.
    case duplicateSerial
    /// The kernel was told not to use the device (`authorized` = 0).
    case usbBlocked
    /// No verdict came in time.
    case activationTimeout
}
