extension Int {
    /// A number of bytes for people: `208 KiB`, `64 MiB`, `1.5 GiB`.
    var bytesText: String {
        switch self {
        case ..<(1 << 20): "\(self >> 10) KiB"
        case ..<(1 << 30): "\(self >> 20) MiB"
        default: "\(self >> 30).\(self % (1 << 30) * 10 / (1 << 30)) GiB"
        }
    }
}
