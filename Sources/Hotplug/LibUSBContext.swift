internal import CLibUSB
internal import Core
internal import Glibc

/// A call of libusb that failed.
package struct LibUSBError: Error, Hashable, CustomStringConvertible {
    package let call: String
    /// libusb's code, negative.
    package let code: Int32

    package var description: String { "\(call): \(String(cString: libusb_error_name(code)))" }
}

/// What libusb's own watch on the bus says.
enum Sighting: Hashable, Sendable {
    case arrived(USBAddress)
    case left(USBAddress)
}

/// The owner of a libusb context: descriptors without opening a device, and libusb's view of what comes and goes.
///
/// For one thread, from `init` to the end: libusb 1.0.26 loses its head when a context is torn down beside a thread that
/// handles its events. libusb has a thread of its own too, which only feeds the context's queue.
struct LibUSBContext: ~Copyable {
    /// Filled by the callback, emptied by the owner, on the one thread.
    private final class SightingLog {
        var sightings: [Sighting] = []
    }

    private let context: OpaquePointer
    private let registration: libusb_hotplug_callback_handle
    private let log: SightingLog

    /// What is there already is among the first sightings.
    init() throws(LibUSBError) {
        var context: OpaquePointer?
        let failed = libusb_init(&context)
        guard failed >= 0, let context else { throw LibUSBError(call: "libusb_init", code: failed) }
        let log = SightingLog()
        var registration: libusb_hotplug_callback_handle = 0
        // libusb calls this within this registration (for what is there) and within libusb_handle_events, both on the
        // owner's thread, until it is deregistered in `deinit`. The log is retained by this struct for longer than that.
        let registered = libusb_hotplug_register_callback(
            context, Int32(LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue),
            Int32(LIBUSB_HOTPLUG_ENUMERATE.rawValue), LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
            LIBUSB_HOTPLUG_MATCH_ANY,
            { _, device, event, log in
                guard let device, let log else { return 0 }
                let address = USBAddress(device)
                Unmanaged<SightingLog>.fromOpaque(log).takeUnretainedValue().sightings.append(
                    event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? .arrived(address) : .left(address))
                return 0
            }, Unmanaged.passUnretained(log).toOpaque(), &registration)
        guard registered >= 0 else {
            libusb_exit(context)
            throw LibUSBError(call: "libusb_hotplug_register_callback", code: registered)
        }
        self.context = context
        self.registration = registration
        self.log = log
    }

    deinit {
        libusb_hotplug_deregister_callback(context, registration)
        libusb_exit(context)
    }

    /// What to wait for before `sightings()` has something new. It stays the same, because no device is ever opened.
    var waitFor: [pollfd] {
        guard let list = libusb_get_pollfds(context) else { return [] }
        defer { libusb_free_pollfds(list) }
        var found: [pollfd] = []
        var next = list
        while let entry = next.pointee {
            found.append(pollfd(fd: entry.pointee.fd, events: entry.pointee.events, revents: 0))
            next += 1
        }
        return found
    }

    /// What came and went since the last call, in order; does not wait.
    func sightings() -> [Sighting] {
        var noTime = timeval()
        libusb_handle_events_timeout_completed(context, &noTime, nil)
        defer { log.sightings = [] }
        return log.sightings
    }

    /// The interfaces of all configurations and alternate settings, from the descriptors that libusb has read already.
    ///
    /// Nil when libusb does not know a device of this model there: it loses some when a device flaps.
    func interfaces(of address: USBAddress, vendorID: UInt16, productID: UInt16) -> Set<USBInterface>? {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        guard libusb_get_device_list(context, &list) >= 0, let list else { return nil }
        defer { libusb_free_device_list(list, 1) }
        var next = list
        while let device = next.pointee {
            next += 1
            var descriptor = libusb_device_descriptor()
            guard USBAddress(device) == address, libusb_get_device_descriptor(device, &descriptor) == 0,
                descriptor.idVendor == vendorID, descriptor.idProduct == productID
            else { continue }
            return (0..<descriptor.bNumConfigurations).reduce(into: []) { found, index in
                var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
                // A configuration that libusb cannot parse is passed over, like one that is not there.
                guard libusb_get_config_descriptor(device, index, &configuration) == 0, let configuration else {
                    return
                }
                found.formUnion(configuration.pointee.allInterfaces)
                libusb_free_config_descriptor(configuration)
            }
        }
        return nil
    }
}

extension USBAddress {
    fileprivate init(_ device: OpaquePointer) {
        self.init(bus: Int(libusb_get_bus_number(device)), number: Int(libusb_get_device_address(device)))
    }
}

extension libusb_config_descriptor {
    fileprivate var allInterfaces: [USBInterface] {
        UnsafeBufferPointer(start: interface, count: Int(bNumInterfaces)).flatMap { interface in
            UnsafeBufferPointer(start: interface.altsetting, count: Int(max(interface.num_altsetting, 0))).map {
                USBInterface($0.bInterfaceClass, $0.bInterfaceSubClass, $0.bInterfaceProtocol)
            }
        }
    }
}
