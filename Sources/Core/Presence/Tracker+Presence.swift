// Which phone a USB device is, and what its coming and going means.
extension Tracker {
    /// The device is there. Harmless when that is known already; what is now known of it replaces what was.
    mutating func attach(_ device: USBDevice, at now: MonotonicTime) {
        let position = device.position
        if let earlier = registry.position(at: position.devpath), earlier != position {
            // One port holds one device: the other has left, and the news of it is still on its way.
            detach(earlier, at: now)
        }
        let known = registry[position]
        var device = device
        // A read that came too late for the serial takes nothing back.
        device.serial = device.serial ?? known?.device.serial
        if known?.device == device { return }
        guard let attachment = recognize(device, before: known?.owner) else {
            if known != nil { detach(position, at: now) }
            return
        }
        guard known != nil || !registry.isFull, hasRoom(for: attachment.owner) else {
            actions.append(.note(.tooManyDevices(device.port)))
            return
        }
        registry[position] = attachment
        if let formerOwner = known?.owner, formerOwner != attachment.owner { release(formerOwner, position, at: now) }
        guard let owner = attachment.owner else {
            if known == nil { actions.append(.note(.noIdentity(device.port))) }
            return
        }
        displaceOthers(at: position.devpath, for: owner)
        grant(owner, attachment, at: now)
    }

    /// The device is gone. Harmless for one that is not known: late, repeated, or no phone.
    mutating func detach(_ position: USBPosition, at now: MonotonicTime) {
        guard let attachment = registry[position] else { return }
        registry[position] = nil
        if let owner = attachment.owner { release(owner, position, at: now) }
    }

    /// Looks at one that is there with other settings.
    mutating func readAgain(_ position: USBPosition, wasBoundBy listed: ListedDevices, at now: MonotonicTime) {
        guard let known = registry[position] else { return }
        // A name that the port gave stands only as long as the port gives it.
        let wasBound = known.owner.map { $0 == bound(to: known.device, by: listed) } ?? false
        let attachment = recognize(known.device, before: wasBound ? nil : known.owner)
        if attachment == known {
            if let owner = known.owner { observe(owner, at: now) }
            return
        }
        registry[position] = attachment
        if let owner = known.owner, owner != attachment?.owner {
            // Of a phone that is still listed it is news that it is not there.
            if attachment != nil, devices[owner]?.isListed == true {
                release(owner, position, at: now)
            } else {
                touch(owner) { $0.positions.removeAll { $0 == position } }
                withdraw(owner)
            }
        }
        if let attachment, let owner = attachment.owner { grant(owner, attachment, at: now) }
    }

    // MARK: - Whose is it

    /// Nil for what is no phone, and for phones that the configuration ignores.
    private func recognize(_ device: USBDevice, before known: UDID?) -> Attachment? {
        guard let recognition = Recognition(device, rules: settings.rules) else { return nil }
        let identity = Identity(device, platform: recognition.platform)
        let owner = owner(of: device, identity, recognition, before: known)
        if let owner, settings.listed[udid: owner]?.isIgnored == true { return nil }
        guard recognition.isCertain || owner.map(isKnown) == true else { return nil }
        return Attachment(
            device: device, platform: recognition.platform, mode: recognition.mode, identity: identity, owner: owner)
    }

    private func isKnown(_ udid: UDID) -> Bool { devices[udid] != nil || settings.listed[udid: udid] != nil }

    private func owner(
        of device: USBDevice, _ identity: Identity, _ recognition: Recognition, before known: UDID?
    ) -> UDID? {
        switch identity {
        case .serial(let udid):
            return isUnique(udid) ? udid : bound(to: device) ?? udid
        case .ecid(let ecid):
            if let phone = devices.keys.first(where: { $0.ecid == ecid[...] }) { return phone }
            // A phone whose own ECID is known to be another is none of these.
            let last = known ?? lastOwner(of: device.position.devpath, recognition.platform)
            return last.flatMap { $0.ecid == nil ? $0 : nil } ?? bound(to: device)
        case .none where recognition.mode.hidesSerial:
            return known ?? lastOwner(of: device.position.devpath, recognition.platform) ?? bound(to: device)
        case .none:
            // Only a mode can hide a serial; a phone in normal use that has none is somebody else.
            return bound(to: device) ?? known
        }
    }

    /// The name that the configuration gives to whatever hangs on that port.
    private func bound(to device: USBDevice, by listed: ListedDevices? = nil) -> UDID? {
        (listed ?? settings.listed).bound(to: device.idPath).map { UDID(apple: $0.udid) ?? UDID($0.udid) }
    }

    private func isUnique(_ udid: UDID) -> Bool {
        !Identity.factorySerials.contains(udid.description) && devices[udid]?.record.isSerialShared != true
    }

    /// The phone that left this port less than the settle time ago.
    private func lastOwner(of devpath: String, _ platform: Platform) -> UDID? {
        leaving(devpath).filter { devices[$0]?.record.platform == platform }
            .max { lastTouched($0) < lastTouched($1) }
    }

    // MARK: - Coming and going

    /// Same port, another phone: the old one is unplugged at once.
    private mutating func displaceOthers(at devpath: String, for owner: UDID) {
        for udid in leaving(devpath) where udid != owner {
            touch(udid) { $0.presence.replaced() }
        }
    }

    private mutating func grant(_ owner: UDID, _ attachment: Attachment, at now: MonotonicTime) {
        ensure(owner)
        let device = attachment.device
        let isArrival = devices[owner]?.positions.contains(device.position) == false
        if isArrival, let before = devices[owner]?.record.port, before != device.port, devices[owner]?.isAround == true
        {
            actions.append(.note(.moved(owner, from: before, to: device.port)))
        }
        let configuredName = settings.listed[udid: owner]?.name
        touch(owner) { phone in
            if isArrival { phone.positions.append(device.position) }
            phone.presence.attached()
            phone.sessions.deviceReturned()
            phone.lastDevpath = nil
            phone.record.platform = attachment.platform
            phone.record.port = device.port
            phone.record.idPath = device.idPath
            phone.doubledSince = phone.positions.count > 1 && !phone.isDuplicate ? phone.doubledSince ?? now : nil
            let hasName = phone.record.name != owner.description
            if let configuredName {
                phone.record.name = configuredName
            } else if attachment.mode.reason == nil || !hasName {
                // In its other modes a phone goes by names such as "Android" or "QUSB__BULK".
                phone.record.name = phone.record.facts.displayName ?? device.displayName ?? phone.record.name
            }
        }
        observe(owner, at: now)
    }

    private mutating func release(_ owner: UDID, _ position: USBPosition, at now: MonotonicTime) {
        let settled = now + settings.rules.unplugSettle
        let left = devices[owner]?.positions.last { $0 != position }
        let stays = left.flatMap { registry[$0]?.device }
        touch(owner) { phone in
            phone.positions.removeAll { $0 == position }
            if phone.positions.count < 2 {
                phone.doubledSince = nil
                // Not told yet: as if it had never been.
                if phone.health.settled != .notReady(.duplicateSerial) { phone.isDuplicate = false }
            }
            if let stays {
                phone.record.port = stays.port
                phone.record.idPath = stays.idPath
            } else {
                phone.presence.detached(until: settled)
                phone.health.deviceDetached()
                phone.lastDevpath = position.devpath
            }
        }
        observe(owner, at: now)
    }

    // MARK: - Two phones, one serial

    /// Longer than a move can overlap: these are two phones. Where the configuration binds their ports, they go by that.
    mutating func becomeDuplicate(_ udid: UDID, at now: MonotonicTime) {
        touch(udid) { phone in
            phone.record.isSerialShared = true
            phone.doubledSince = nil
        }
        let twins = (devices[udid]?.positions ?? []).compactMap { registry[$0] }
        let bound = twins.filter {
            $0.identity == .serial(udid) && self.bound(to: $0.device).map { $0 != udid } == true
        }
        for twin in bound { release(udid, twin.device.position, at: now) }
        let left = devices[udid]?.positions.count ?? 0
        if left == 0 { touch(udid) { $0.presence.replaced() } }
        for var twin in bound {
            guard let owner = self.bound(to: twin.device) else { continue }
            twin.owner = owner
            let isIgnored = settings.listed[udid: owner]?.isIgnored == true
            registry[twin.device.position] = isIgnored ? nil : twin
            if !isIgnored { grant(owner, twin, at: now) }
        }
        guard left > 1 else { return }
        actions.append(.note(.duplicateSerial(udid, twins.map(\.device.port))))
        touch(udid) { $0.isDuplicate = true }
        observe(udid, at: now)
    }
}

extension TrackedDevice {
    /// There, or gone for less than the settle time.
    fileprivate var isAround: Bool {
        switch presence {
        case .present, .leaving: true
        case .unconfirmed, .absent: false
        }
    }
}

extension USBDevice {
    /// The product string, fit to be shown; nil when nothing is left of it.
    var displayName: String? {
        let visible = (product ?? "").unicodeScalars.filter { $0.properties.generalCategory != .control }
        let shown = String(String.UnicodeScalarView(visible)).trimmingNULAndSpace()
        return shown.isEmpty ? nil : String(String.UnicodeScalarView(shown.unicodeScalars.prefix(126)))
    }
}
