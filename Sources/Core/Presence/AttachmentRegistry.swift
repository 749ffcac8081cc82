/// A phone-like USB device that is there, and whose it is.
struct Attachment: Hashable, Sendable {
    var device: USBDevice
    var platform: Platform
    var mode: USBMode
    var identity: Identity
    /// The phone that it was taken for; nil for one that nothing tells.
    var owner: UDID?
}

/// All phone-like USB devices that are there, by position and by port.
struct AttachmentRegistry: Sendable {
    private var attachments: [USBPosition: Attachment] = [:]
    private var byDevpath: [String: USBPosition] = [:]

    /// 127 addresses on each of 32 buses: more than any host has.
    static let most = 127 * 32

    var isFull: Bool { attachments.count >= Self.most }

    /// In a stable order.
    var positions: [USBPosition] {
        attachments.keys.sorted { ($0.devpath, $0.bus, $0.number) < ($1.devpath, $1.bus, $1.number) }
    }

    func position(at devpath: String) -> USBPosition? { byDevpath[devpath] }

    subscript(position: USBPosition) -> Attachment? {
        get { attachments[position] }
        set {
            attachments[position] = newValue
            if newValue != nil {
                byDevpath[position.devpath] = position
            } else if byDevpath[position.devpath] == position {
                byDevpath[position.devpath] = nil
            }
        }
    }
}
