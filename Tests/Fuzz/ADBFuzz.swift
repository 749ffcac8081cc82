// Built with: Sources/Sensors/ADB/ADB{ReplyReader,Request,State,Entry,Properties,Follower,SecondLook,Question}.swift Sources/Sensors/ADB/ReconnectDelay.swift
internal import Core

/// What an adb server and a phone's shell could send, to everything that reads it.
///
/// The first byte says where the rest is split. However it is, the same must come of it; whatever is told must be printable
/// and bounded; nothing may trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzADB(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = input.first else { return 0 }
    let stream = input.dropFirst()
    let parts = split(stream, at: Int(first))
    require(actions(of: [stream]) == actions(of: parts), "lists depend on how the stream is split")
    require(looks(at: [stream]) == looks(at: parts), "a second look depends on how the stream is split")
    require(answers(to: [stream]) == answers(to: parts), "answers depend on how the stream is split")
    for isLong in [true, false] {
        for entry in ADBEntry.entries(of: Array(stream), isLong: isLong) { check(entry) }
    }
    if let facts = ADBProperties(output: Array(stream))?.facts {
        for text in [facts.name, facts.model, facts.osVersion] { require(isClean(text ?? ""), "an unclean fact") }
    }
    return 0
}

private let now = MonotonicTime(nanoseconds: 0)

/// Not random at all, so that an input leads to the same each time.
private struct SameGenerator: RandomNumberGenerator {
    func next() -> UInt64 { 1 << 63 }
}

private func split(_ stream: ArraySlice<UInt8>, at place: Int) -> [ArraySlice<UInt8>] {
    let rest = stream.dropFirst(place)
    return [stream.prefix(place)] + rest.indices.map { rest[$0...$0] }.prefix(12) + [rest.dropFirst(12)]
}

private func actions(of parts: [ArraySlice<UInt8>]) -> [ADBFollower.Action] {
    var follower = ADBFollower(addresses: 1, random: SameGenerator())
    var actions = follower.timePassed(now) + follower.connected(at: now)
    for part in parts { actions += follower.received(part, at: now) }
    for case .list(let entries, _) in actions { entries.forEach(check) }
    for case .lost(let why) in actions { require(isClean(why), "an unclean reason") }
    return actions
}

/// Ends with the first answer, as its connection does.
private func looks(at parts: [ArraySlice<UInt8>]) -> [ADBSecondLook.Action] {
    guard let entry = ADBEntry(line: Array("A\tdevice".utf8), isLong: false) else { return [] }
    var look = ADBSecondLook()
    look.listed([entry], isLong: true, at: now)
    var actions = [look.timePassed(now + ADBSecondLook.longest), look.connected()]
    for part in parts { actions.append(look.received(part, at: now)) }
    return actions.filter { $0 != .none }
}

private func answers(to parts: [ArraySlice<UInt8>]) -> [ADBQuestion.Action] {
    guard let entry = ADBEntry(line: Array("A\tdevice".utf8), isLong: false) else { return [] }
    var question = ADBQuestion(entry, at: now)
    var actions = [question.connected()]
    for part in parts { actions.append(question.received(part)) }
    // The server sends nothing out of turn; a real one that did would be read at the end of the stream.
    actions += [question.received([]), question.ended()]
    return actions.filter { $0 != .none }
}

private func check(_ entry: ADBEntry) {
    let phone = SensedPhone(
        source: .adb(server: ""), place: entry.port.map { .port($0) },
        serial: String(decoding: entry.serial, as: UTF8.self), verdict: entry.state.verdict)
    require(isClean(phone.serial), "an unclean serial")
    require(entry.port.map { $0.description.utf8.count <= 32 } ?? true, "a port without end")
    if case .other(let word) = entry.state { require(isClean(word), "an unclean state") }
    require(ADBRequest.framed(ADBRequest.transport(to: entry)).count <= 0x1_0003, "a request without end")
}

private func isClean(_ text: String) -> Bool { text.printable == text && text.unicodeScalars.count <= 256 }

private func require(_ holds: Bool, _ problem: String) {
    if !holds { fatalError(problem) }
}
