internal import Core
internal import Glibc
internal import Linux

/// Does what can block: reads and lists of sysfs, and all of libusb. Lives on a thread of its own.
///
/// While one device keeps it waiting (the kernel holds a device's lock for as long as the device resets), the others wait
/// too; removals do not pass through here.
final class Worker {
    enum Request: Sendable {
        case read(UeventOrder.Reading)
        case list
        case stop
    }

    /// In the order in which the requests came; what libusb saw comes in between.
    enum Answer: Sendable {
        /// The first answer of all: libusb's error when it does not work here.
        case started(LibUSBError?)
        case read(id: UInt64, devpath: String, Result<USBDevice?, SystemError>)
        case listed(Result<[USBDevice], SystemError>)
        case saw(Sighting)
        /// libusb is the only source, and this has arrived.
        case found(USBDevice)
    }

    private let requests: Mailbox<Request>
    private let answers: Mailbox<Answer>
    private let isLibUSBAlone: Bool
    private let udev = UdevDatabase()
    /// Never changed after `init`; Swift lends an optional of what cannot be copied only from a `var`.
    private var libusb: LibUSBContext?
    private let reader = DeviceReader()
    private var list = SysfsList()

    /// Starts the thread. Send `.stop` and join it.
    static func start(
        requests: Mailbox<Request>, answers: Mailbox<Answer>, isLibUSBAlone: Bool
    ) throws(SystemError) -> Thread {
        try Thread(name: "hotplug", niceness: 10) {
            Worker(requests, answers, isLibUSBAlone: isLibUSBAlone).run()
        }
    }

    private init(_ requests: Mailbox<Request>, _ answers: Mailbox<Answer>, isLibUSBAlone: Bool) {
        self.requests = requests
        self.answers = answers
        self.isLibUSBAlone = isLibUSBAlone
        do throws(LibUSBError) {
            libusb = try LibUSBContext()
            answers.send(.started(nil))
        } catch {
            libusb = nil
            answers.send(.started(error))
        }
    }

    private func run() {
        let unasked = libusb?.waitFor ?? []
        var tellAt: MonotonicTime? = .now()  // of what is there already
        while true {
            if let moment = tellAt, moment <= .now() {
                tellSightings()
                tellAt = nil
            }
            for request in requests.receive() {
                switch request {
                case .read(let reading): answers.send(answer(to: reading))
                case .list: answers.send(.listed(listed()))
                case .stop: return
                }
            }
            // While there is something to tell already, libusb need not say so again.
            var waited = [pollfd(fd: requests.descriptor, events: Int16(POLLIN), revents: 0)]
            if tellAt == nil { waited += unasked }
            let left = tellAt.map { max(0, ($0 - .now() + .microseconds(999)).wholeMilliseconds) } ?? -1
            _ = poll(&waited, nfds_t(waited.count), Int32(clamping: left))
            if waited.dropFirst().contains(where: { $0.revents != 0 }) {
                tellAt = isLibUSBAlone ? .now() : .now() + Self.witnessDelay
            }
        }
    }

    /// A witness is not in a hurry, and what it tells costs the loop a turn: not just when a removal waits for its commit.
    private static let witnessDelay = Duration.milliseconds(50)

    private func answer(to reading: UeventOrder.Reading) -> Answer {
        .read(
            id: reading.id, devpath: reading.devpath,
            Result { () throws(SystemError) in
                try device(at: reading.devpath, expecting: reading.expected, hints: reading.hints)
            })
    }

    private func listed() -> Result<[USBDevice], SystemError> {
        Result { () throws(SystemError) in
            try list.devices(by: reader, hints: { udev.hints(for: $0) }) { devpath throws(SystemError) in
                try device(at: devpath, expecting: nil, hints: nil)
            }
        }
    }

    /// Those at these addresses, as far as they are there and can be read.
    private func devices(at wanted: Set<USBAddress>) throws(SystemError) -> [USBDevice] {
        var devices: [USBDevice] = []
        for devpath in try reader.devpaths() {
            guard let address = try reader.address(at: devpath), wanted.contains(address) else { continue }
            if let device = try device(at: devpath, expecting: address, hints: nil) { devices.append(device) }
        }
        return devices
    }

    private func device(
        at devpath: String, expecting expected: USBAddress?, hints: DeviceHints?
    ) throws(SystemError) -> USBDevice? {
        try reader.device(at: devpath, expecting: expected, hints: hints ?? udev.hints(for: devpath)) {
            libusb?.interfaces(of: $0, vendorID: $1, productID: $2)
        }
    }

    private func tellSightings() {
        guard let sightings = libusb?.sightings(), !sightings.isEmpty else { return }
        guard isLibUSBAlone else {
            for sighting in sightings { answers.send(.saw(sighting)) }
            return
        }
        var arrived: Set<USBAddress> = []
        for sighting in sightings {
            switch sighting {
            case .arrived(let address): arrived.insert(address)
            case .left(let address):
                arrived.remove(address)
                answers.send(.saw(sighting))
            }
        }
        guard !arrived.isEmpty else { return }
        // What cannot be read now for the host's own trouble is found by the next list.
        for device in (try? devices(at: arrived)) ?? [] { answers.send(.found(device)) }
    }
}
