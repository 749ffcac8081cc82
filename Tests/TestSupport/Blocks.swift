import Glibc

/// How much of a property's seeds a run goes through.
///
/// All of them, unless `PLUGHOOK_PROPERTY_PERCENT` says less: under a sanitizer each seed takes ten times as long, and what
/// it looks for does not hide in one seed of a thousand.
package enum Blocks {
    /// Seeds come in blocks, which run beside each other.
    package static func of(_ count: UInt64) -> Range<UInt64> {
        let percent = getenv("PLUGHOOK_PROPERTY_PERCENT").flatMap { UInt64(String(cString: $0)) } ?? 100
        return 0..<max(1, count * min(percent, 100) / 100)
    }

    /// Whether this run goes through all.
    package static var isWhole: Bool { of(100).count == 100 }
}
