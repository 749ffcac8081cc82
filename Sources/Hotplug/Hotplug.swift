package import Core
internal import Linux

/// What hangs on this host's USB, and what comes and goes: from udev, the kernel and libusb.
///
/// udev is the record; the kernel's own `remove` is believed at once; where udevd does not reach this process (`auto`),
/// the kernel's messages and a look into sysfs every two seconds take its place; libusb reads descriptors and watches
/// beside it. No device node is opened. For one thread, which waits for `descriptor` and `nextDeadline` and then calls
/// `process`.
package final class Hotplug {
    /// Since the start, for status.
    package struct Totals: Hashable, Sendable {
        package var overflows = 0
        package var lateAdds = 0
        package var mismatches = 0
        package var snapshots = 0
    }

    /// Messages taken from one group at a time, so that a flood keeps nobody else waiting.
    private static let messagesAtATime = 4_096

    package private(set) var totals = Totals()

    private let choice: HotplugChoice
    private let reach = UdevReach()
    private let epoll: Epoll
    private var kernel: KernelMonitor?
    private var udev: UdevMonitor?
    private let requests: Mailbox<Worker.Request>
    private let answers: Mailbox<Worker.Answer>
    private var worker: Thread?

    private var inForce: SourceInForce
    private var order = UeventOrder()
    private var silence = UdevSilence()
    private var witness = Witness()
    private var events: [HotplugEvent] = []
    private var overflowed: Set<Uevent.Group> = []
    /// True when the list under way serves a rescan alone, which is told only if it has news.
    private var isListJustRescan = false
    private var lastTrouble: SystemError?

    /// Starts to listen and asks for the first snapshot; with `libusb`, waits until libusb has read the bus.
    package init(choice: HotplugChoice) throws(HotplugError) {
        self.choice = choice
        do throws(SystemError) {
            epoll = try Epoll()
            requests = try Mailbox()
            answers = try Mailbox()
            try epoll.watch(answers.descriptor, for: .readable)
        } catch {
            throw .system(error)
        }
        let obstacle = choice == .libusb ? nil : reach.obstacle()
        inForce = SourceInForce(choice, obstacle: obstacle, at: .now())
        // The monitors come before the first list, so that nothing falls between.
        if choice != .libusb {
            do throws(SystemError) {
                kernel = try listenToKernel()
                udev = try listenToUdev()
            } catch {
                throw .netlink(error)
            }
        }
        do throws(SystemError) {
            worker = try Worker.start(requests: requests, answers: answers, isLibUSBAlone: choice == .libusb)
        } catch {
            throw .system(error)
        }
        if choice == .libusb, let error = waitForLibUSB() {
            stop()
            throw .libusb(error)
        }
        note(.source(source))
        if choice == .udev, let obstacle { note(.udevDoubted(obstacle)) }
        requestSnapshot()
    }

    deinit { stop() }

    /// Which source is in force, and why.
    package var source: HotplugSource { inForce.source }

    /// Readable when `process` has something to do; the same one for as long as this lives.
    package var descriptor: Int32 { epoll.descriptor }

    /// When `process` is to be called even if nothing is readable.
    package var nextDeadline: MonotonicTime? {
        [order.deadline, silence.deadline, witness.deadline, inForce.nextRescan].compactMap(\.self).min()
    }

    /// Asks for everything that is there; the answer is a `snapshot` event. Wishes that come while one is being taken share
    /// the next.
    package func requestSnapshot() {
        isListJustRescan = false
        apply(order.snapshotWanted(), at: .now())
    }

    /// Takes all that has come and tells what it means; does not wait.
    package func process(now: MonotonicTime) -> [HotplugEvent] {
        defer { events = [] }
        drainKernel(at: now)
        // A removal waits for nothing: what else has come is still there in the next turn.
        if events.contains(where: \.isRemoval) { return events }
        // The answers are taken before the messages and used after them: a removal that the kernel told before an answer
        // was given is then known when the answer is judged.
        let answers = answers.receive()
        drainKernel(at: now)
        drainUdev(at: now)
        for answer in answers { use(answer, at: now) }
        passTime(now)
        return events
    }

    /// Ends the worker and gives everything back. Waits for a read of sysfs that is under way.
    package func stop() {
        guard let worker = worker.take() else { return }
        requests.send(.stop)
        worker.join()
        if let udev = udev.take() { epoll.forget(udev.descriptor) }
        if let kernel = kernel.take() { epoll.forget(kernel.descriptor) }
        epoll.forget(answers.descriptor)
    }
}

extension Hotplug {
    private func listenToKernel() throws(SystemError) -> KernelMonitor {
        let monitor = try KernelMonitor()
        try epoll.watch(monitor.descriptor, for: .readable)
        note(.receiveBuffer(group: Uevent.Group.kernel.rawValue, bytes: monitor.receiveBuffer))
        return monitor
    }

    private func listenToUdev() throws(SystemError) -> UdevMonitor {
        let monitor = try UdevMonitor()
        try epoll.watch(monitor.descriptor, for: .readable)
        note(.receiveBuffer(group: Uevent.Group.udev.rawValue, bytes: monitor.receiveBuffer))
        return monitor
    }

    private func waitForLibUSB() -> LibUSBError? {
        for answer in answers.waitAndReceive() {
            if case .started(let error) = answer { return error }
        }
        return nil
    }

    private func drainKernel(at now: MonotonicTime) {
        for _ in 0..<Self.messagesAtATime {
            switch kernel?.receive() ?? .nothing {
            case .message(let uevent): heardKernel(uevent, at: now)
            case .refused: continue
            case .overflow: overflowed.insert(.kernel)
            case .nothing: return drained(.kernel, at: now)
            }
        }
    }

    private func drainUdev(at now: MonotonicTime) {
        for _ in 0..<Self.messagesAtATime {
            switch udev?.receive() ?? .nothing {
            case .message(let uevent): heardUdev(uevent, at: now)
            case .refused: continue
            case .overflow: overflowed.insert(.udev)
            case .nothing: return drained(.udev, at: now)
            }
        }
    }

    /// Only now does the kernel queue new messages again: what is listed from here on misses nothing.
    private func drained(_ group: Uevent.Group, at now: MonotonicTime) {
        guard overflowed.remove(group) != nil else { return }
        totals.overflows += 1
        note(.overflow(group: group.rawValue, total: totals.overflows))
        silence.messagesLost()
        requestSnapshot()
    }

    private func heardKernel(_ uevent: Uevent, at now: MonotonicTime) {
        switch uevent.action {
        case .removed:
            silence.kernelRemoved(at: uevent.devpath)
            apply(order.deviceRemoved(uevent), at: now)
        case .added, .changed:
            if source.kind == .kernel {
                apply(order.deviceSeen(uevent, at: now), at: now)
            } else if uevent.action == .added {
                silence.kernelAdded(uevent, at: now)
            }
        case .moved: apply(order.deviceMoved(), at: now)
        case .other: break
        }
    }

    private func heardUdev(_ uevent: Uevent, at now: MonotonicTime) {
        silence.udevSpoke(uevent.sequence, at: now)
        apply(inForce.udevHeard(), at: now)
        switch uevent.action {
        case .removed: apply(order.deviceRemoved(uevent), at: now)
        case .added, .changed: apply(order.deviceSeen(uevent, at: now), at: now)
        case .moved: apply(order.deviceMoved(), at: now)
        case .other: break
        }
    }

    private func use(_ answer: Worker.Answer, at now: MonotonicTime) {
        switch answer {
        case .started(let error):
            if let error { note(.libusbUnavailable(error)) }
        case .read(let id, let devpath, .success(let device)):
            lastTrouble = nil
            apply(order.deviceRead(id, at: devpath, device), at: now)
        case .read(let id, let devpath, .failure(let error)):
            hadTrouble(error)
            apply(order.readFailed(id, at: devpath, now), at: now)
        case .listed(.success(let devices)):
            lastTrouble = nil
            apply(order.devicesListed(devices), at: now)
        case .listed(.failure(let error)):
            hadTrouble(error)
            apply(order.listFailed(now), at: now)
        case .found(let device): apply(order.found(device), at: now)
        case .saw(.left(let address)) where choice == .libusb: apply(order.deviceLeft(address), at: now)
        case .saw(let sighting):
            let address = sighting.address
            witness.saw(sighting, isPresent: order.isPresent(address), at: now)
        }
    }

    private func passTime(_ now: MonotonicTime) {
        apply(order.timePassed(now), at: now)
        for verdict in silence.timePassed(now) {
            switch verdict {
            case .owed(let uevents):
                for uevent in uevents { apply(order.deviceSeen(uevent, at: now), at: now) }
            case .silent(let sequence): apply(inForce.udevFellSilent(sequence, at: now), at: now)
            }
        }
        for mismatch in witness.timePassed(now) {
            totals.mismatches += 1
            note(.mismatch(mismatch, total: totals.mismatches))
            requestSnapshot()
        }
        apply(inForce.timePassed(now), at: now)
    }
}

extension Hotplug {
    private func note(_ note: HotplugNote) { events.append(.note(note)) }

    private func hadTrouble(_ error: SystemError) {
        if lastTrouble != error { note(.sysfsTrouble(error)) }
        lastTrouble = error
    }

    private func apply(_ effects: [UeventOrder.Effect], at now: MonotonicTime) {
        for effect in effects {
            switch effect {
            case .attached(let device):
                witness.attachedTold(device.position.address)
                events.append(.attached(device))
            case .detached(let position):
                witness.detachedTold(position.address)
                events.append(.detached(position))
            case .read(let reading): requests.send(.read(reading))
            case .list: requests.send(.list)
            case .snapshot(let devices, let isNews):
                witness.snapshotTold(Set(devices.map(\.position.address)))
                guard isNews || !isListJustRescan else { break }
                totals.snapshots += 1
                events.append(.snapshot(devices))
            case .late(let devpath):
                totals.lateAdds += 1
                note(.lateAddDropped(devpath: devpath, total: totals.lateAdds))
            }
        }
    }

    private func apply(_ effect: SourceInForce.Effect, at now: MonotonicTime) {
        switch effect {
        case .none: break
        case .changed:
            note(.source(source))
            requestSnapshot()
        case .doubted(let reason):
            note(.udevDoubted(reason))
            requestSnapshot()
        case .rescan: rescan(at: now)
        case .rescanAndLookForUdev:
            if reach.hasControl { return listenToUdevAgain(at: now) }
            rescan(at: now)
        }
    }

    private func rescan(at now: MonotonicTime) {
        guard !order.isSnapshotUnderWay else { return }
        isListJustRescan = true
        apply(order.snapshotWanted(), at: now)
    }

    private func listenToUdevAgain(at now: MonotonicTime) {
        if let previous = udev.take() { epoll.forget(previous.descriptor) }
        udev = try? listenToUdev()
        if udev != nil { apply(inForce.udevHeard(), at: now) }
    }
}

extension Sighting {
    fileprivate var address: USBAddress {
        switch self {
        case .arrived(let address), .left(let address): address
        }
    }
}
