internal import FoundationEssentials

/// 256 random bits of the system, in letters that need no escape in a URL, a header or a shell.
func randomSecret() -> String {
    var system = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &system) }
    let base64 = Data(bytes).base64EncodedString()
    return base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
