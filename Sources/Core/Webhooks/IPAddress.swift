/// An address of the Internet Protocol, of either version.
///
/// An IPv4 address that is written as an IPv6 one (`::ffff:0:0/96`, which the kernel treats the same) is the IPv4 address.
package struct IPAddress: Hashable, Sendable {
    /// 4 or 16, in network order.
    package let bytes: [UInt8]

    /// Nil for any other number of bytes than 4 and 16.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let isMapped = bytes.count == 16 && bytes.starts(with: Self.mapped)
        self.bytes = Array(isMapped ? bytes.suffix(4) : bytes.suffix(16))
    }

    package var isV4: Bool { bytes.count == 4 }

    /// What a gateway or the kernel would send to in its place: the IPv4 address in one of NAT64 (RFC 6052), of 6to4
    /// (RFC 3056), and in one that is "compatible" (RFC 4291, 2.5.5.1).
    package var embedded: IPAddress? {
        guard !isV4 else { return nil }
        if bytes.starts(with: [0x20, 0x02]) { return IPAddress(bytes[2..<6]) }
        if bytes.starts(with: Self.nat64) { return IPAddress(bytes[12...]) }
        // `::` and `::1` are of their own kind.
        if bytes.starts(with: [UInt8](repeating: 0, count: 12)), bytes[12...].contains(where: { $0 != 0 }),
            bytes[12..<15] != [0, 0, 0]
        {
            return IPAddress(bytes[12...])
        }
        return nil
    }

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    private static let nat64: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
}

// MARK: - Text

extension IPAddress: LosslessStringConvertible {
    /// Reads `192.0.2.1`, four decimal numbers without leading zeros, and RFC 4291's forms of the other version, without a
    /// zone. Nil for anything else: what some programs take for an address besides (`127.1`, `0x7f000001`) is not one here.
    package init?(_ text: String) {
        guard text.utf8.count <= 45 else { return nil }
        if let bytes = Self.v4(text[...]) {
            self.init(bytes)
        } else if let bytes = Self.v6(text) {
            self.init(bytes)
        } else {
            return nil
        }
    }

    private static func v4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                part.count == 1 || part.first != "0"
            else { return nil }
            return UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func v6(_ text: String) -> [UInt8]? {
        var halves: [Substring] = []
        if let gap = text.firstRange(of: "::") {
            halves = [text[..<gap.lowerBound], text[gap.upperBound...]]
        } else {
            halves = [text[...]]
        }
        let bytes = halves.indices.map { groups(halves[$0], isLast: $0 == halves.count - 1) }
        guard let first = bytes[0] else { return nil }
        guard bytes.count == 2 else { return first.count == 16 ? first : nil }
        guard let last = bytes[1], first.count + last.count <= 14 else { return nil }
        return first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
    }

    /// Groups of 16 bits, the last two of which, where `isLast`, may be an IPv4 address. Empty for nothing.
    private static func groups(_ text: Substring, isLast: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, group) in groups.enumerated() {
            if isLast, index == groups.count - 1, group.contains(".") {
                guard let tail = v4(group) else { return nil }
                bytes += tail
            } else {
                guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy(\.isHexDigit),
                    let value = UInt16(group, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }

    /// As RFC 5952 recommends.
    package var description: String {
        if isV4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var (gap, run) = (0..<0, 0..<0)
        for (index, group) in groups.enumerated() {
            run = group == 0 ? (run.isEmpty ? index : run.lowerBound)..<index + 1 : 0..<0
            if run.count > gap.count { gap = run }
        }
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard gap.count > 1 else { return text(groups[...]) }
        return text(groups[..<gap.lowerBound]) + "::" + text(groups[gap.upperBound...])
    }
}

/// Addresses that begin with the same bits (CIDR, RFC 4632).
package struct AddressRange: Hashable, Sendable {
    package let first: IPAddress
    /// How many bits are the same: 0–32, or 0–128.
    package let length: Int

    /// Nil when the bits behind the length are not all 0, or there are not so many.
    package init?(_ first: IPAddress, length: Int) {
        guard (0...first.bytes.count * 8).contains(length) else { return nil }
        guard Self.cut(first, to: length) == first else { return nil }
        self.first = first
        self.length = length
    }

    /// The range of that length in which an address is.
    package init(of address: IPAddress, length: Int) {
        let length = min(max(length, 0), address.bytes.count * 8)
        first = Self.cut(address, to: length)
        self.length = length
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.isV4 == first.isV4 else { return false }
        return address.bytes.indices.allSatisfy {
            (address.bytes[$0] ^ first.bytes[$0]) & Self.mask(ofByte: $0, length) == 0
        }
    }

    private static func cut(_ address: IPAddress, to length: Int) -> IPAddress {
        IPAddress(raw: address.bytes.enumerated().map { $1 & mask(ofByte: $0, length) })
    }

    private static func mask(ofByte index: Int, _ length: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: 0xff00 >> min(max(length - index * 8, 0), 8))
    }
}

extension IPAddress {
    /// Without looking what it stands for: a range of IPv6 may begin with zeros.
    fileprivate init(raw bytes: [UInt8]) { self.bytes = bytes }
}

extension AddressRange: LosslessStringConvertible {
    /// Reads `10.0.0.0/8`, and an address alone, which is a range of one.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        guard parts.count == 2 else {
            self.init(of: address, length: 128)
            return
        }
        guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ $0 & 0xf0 == 0x30 }), let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    package var description: String {
        length == first.bytes.count * 8 ? "\(first)" : "\(first)/\(length)"
    }
}
