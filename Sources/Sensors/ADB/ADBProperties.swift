internal import Core

/// What a phone's properties say of it, from the output of `getprop`s in a fixed order, a line each.
struct ADBProperties: Hashable {
    let facts: PhoneFacts
    /// Android's word that it has come to the end of its boot.
    let isBooted: Bool

    /// Where makers keep the name that a phone is sold under; AOSP has none.
    private static let marketNames = [
        "ro.product.marketname",  // Xiaomi, Redmi, POCO
        "ro.product.vendor.marketname",
        "ro.config.marketing_name",  // Huawei, Honor
        "ro.vendor.oplus.market.name",  // OPPO, OnePlus, realme
        "ro.oppo.market.name",
        "ro.vivo.market.name",
    ]
    private static let names = marketNames + ["ro.product.model", "ro.build.version.release", "sys.boot_completed"]

    /// Asked in one go, so that a phone is asked once. Nothing in it comes from a phone.
    static let request = Array(("shell:" + names.map { "getprop \($0)" }.joined(separator: "; ")).utf8)

    /// Nil when it is not one line for each property: the shell said something else.
    init?(output: [UInt8]) {
        // Older phones' shells write to a terminal, which puts a carriage return before each line feed.
        var lines = output.filter { $0 != UInt8(ascii: "\r") }
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.popLast()?.isEmpty == true else { return nil }
        lines.removeAll { $0.starts(with: "WARNING: linker:".utf8) }
        guard lines.count == Self.names.count else { return nil }
        let values = lines.map { String(decoding: $0, as: UTF8.self) }
        let stated = values.suffix(3)
        let model = stated[stated.startIndex]
        let name = values.prefix(Self.marketNames.count).first { !$0.trimmingNULAndSpace().isEmpty }
        facts = PhoneFacts(name: name ?? model, model: model, osVersion: stated[stated.startIndex + 1])
        isBooted = stated[stated.startIndex + 2].trimmingNULAndSpace() == "1"
    }
}
