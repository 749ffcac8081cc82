// Built with: Sources/Sensors/Appium/AppiumAnswer.swift
internal import Core

/// Whatever a server answers: sessions come of it that are bounded and printable, or none.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let status = bytes.first.map({ [200, 404, 500][Int($0 % 3)] }) else { return 0 }
    guard case .sessions(let sessions) = AppiumAnswer(statusCode: status, body: Array(bytes.dropFirst())) else {
        return 0
    }
    for session in sessions {
        precondition((1...128).contains(session.id.utf8.count))
        precondition(session.udid == session.udid.sensed(atMost: 200) && !session.udid.isEmpty)
    }
    return 0
}
