import PlughookConfiguration
import Core
import TestSupport
import Testing

/// Random files in every manner of writing, random edits: nothing but the edited definition changes.
struct ConfigurationEditPropertyTests {
    @Test(arguments: Blocks.of(16))
    func edits_leaveAllElseAsItIs_whateverTheFileLooksLike(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var typesetter = Typesetter(using: &random)
            var bytes = typesetter.document(try randomConfiguration(using: &random))
            for _ in 0..<4 { bytes = try edited(bytes, using: &random) }
        }
    }

    private func edited(_ bytes: [UInt8], using random: inout SeededGenerator) throws -> [UInt8] {
        let edit = try ConfigurationEdit(of: bytes)
        var expected = edit.configuration
        let index = expected.webhooks.indices.randomElement(using: &random)
        let result: [UInt8]
        if Bool.random(using: &random) { return try tokensEdited(bytes, using: &random) }
        switch (random.next() % 3, index) {
        case (0, let index?):
            let removed = expected.webhooks.remove(at: index)
            result = try #require(edit.removing(WebhookIdentity(id: removed.id, name: removed.name)))
            let kept = try Pieces(of: bytes).without(index)
            #expect(try Pieces(of: result) == kept)
        case (1, let index?):
            let old = expected.webhooks[index]
            let changes = randomChanges(of: &expected.webhooks[index], using: &random)
            result = try #require(edit.replacing(changes, of: WebhookIdentity(id: old.id, name: old.name)))
            let (before, after) = (try Pieces(of: bytes), try Pieces(of: result))
            #expect(before.around(index) == after.around(index))
            let keys = changes.map(\.key)
            let untouched = try Pieces.members(of: before.definitions[index]).filter { !keys.contains($0.key) }
            #expect(try Pieces.members(of: after.definitions[index]).filter { !keys.contains($0.key) } == untouched)
        default:
            expected.webhooks.append(randomDefinition(using: &random))
            let new = try #require(expected.webhooks.last)
            result = edit.appending(webhook: new.members)
            let before = try Pieces(of: bytes)
            #expect(try Pieces(of: result).definitions.dropLast() == before.definitions[...])
            let undone = try ConfigurationEdit(of: result).removing(WebhookIdentity(id: new.id, name: new.name))
            if before.isListTidy { #expect(undone == bytes) }
        }
        #expect(try Configuration(json: result) == expected)
        return result
    }

    private func tokensEdited(_ bytes: [UInt8], using random: inout SeededGenerator) throws -> [UInt8] {
        let edit = try ConfigurationEdit(of: bytes)
        var expected = edit.configuration
        let result: [UInt8]
        let before = try Pieces(of: bytes, at: Pieces.tokens)
        if Bool.random(using: &random), let index = expected.control.http?.tokens.indices.randomElement(using: &random)
        {
            let removed = expected.control.http?.tokens.remove(at: index)
            result = try #require(edit.removing(token: removed?.name ?? ""))
            #expect(try Pieces(of: result, at: Pieces.tokens) == before.without(index))
        } else {
            let new = try randomToken(using: &random)
            expected.control.http = expected.control.http ?? HTTPSettings()
            expected.control.http?.tokens.append(new)
            result = edit.appending(token: new)
            #expect(try Pieces(of: result, at: Pieces.tokens).definitions.dropLast() == before.definitions[...])
            let undone = try ConfigurationEdit(of: result).removing(token: new.name)
            if before.isListTidy { #expect(undone == bytes) }
            // What is not white space, a bracket or a new key is where it was.
            #expect(isContained(bytes, in: result))
        }
        #expect(try Configuration(json: result) == expected)
        return result
    }

    /// Whether all bytes of one text are in the other, in their order.
    private func isContained(_ text: [UInt8], in other: [UInt8]) -> Bool {
        let visible = text.filter { !" \t\r\n".utf8.contains($0) }
        var rest = other[...]
        return visible.allSatisfy { byte in
            guard let place = rest.firstIndex(of: byte) else { return false }
            rest = rest[(place + 1)...]
            return true
        }
    }

    private func randomToken(using random: inout SeededGenerator) throws -> AccessToken {
        let digest = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let permissions = Permission.allCases.filter { $0 == .deviceView || Bool.random(using: &random) }
        return AccessToken(
            name: "],} \" \\ é \(random.next())", digest: try #require(TokenDigest(bytes: digest)),
            permissions: Set(permissions),
            expires: Bool.random(using: &random) ? nil : WallTime(milliseconds: Int64(random.next() >> 20)))
    }

    /// With and without what leads to the list of tokens.
    private func randomControl(using random: inout SeededGenerator) throws -> JSONLiteral {
        var members: [JSONLiteral.Member] = []
        if Bool.random(using: &random) { members.append(.init("socket", "/a ] } , é")) }
        if Int.random(in: 0..<3, using: &random) > 0 {
            var http: [JSONLiteral.Member] = []
            if Int.random(in: 0..<3, using: &random) > 0 {
                let tokens = try (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    JSONLiteral.object(try randomToken(using: &random).members.shuffled(using: &random))
                }
                http.append(.init("tokens", .array(tokens)))
            }
            if Bool.random(using: &random) { http.append(.init("listen", "[::1]:80")) }
            members.append(.init("http", .object(http)))
        }
        return .object(members.shuffled(using: &random))
    }

    private func randomConfiguration(using random: inout SeededGenerator) throws -> JSONLiteral {
        var members: [JSONLiteral.Member] = []
        if Bool.random(using: &random) { members.append(.init("orgId", 7)) }
        if Int.random(in: 0..<5, using: &random) > 0 {
            let definitions = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                JSONLiteral.object(randomDefinition(using: &random).members.shuffled(using: &random))
            }
            members.append(.init("webhooks", .array(definitions)))
        }
        if Bool.random(using: &random) { members.append(.init("control", try randomControl(using: &random))) }
        if Bool.random(using: &random) { members.append(.init("host", ["id": "a ] } , \" é", "labels": [:]])) }
        return .object(members)
    }

    private func randomDefinition(using random: inout SeededGenerator) -> WebhookDefinition {
        var definition = WebhookDefinition()
        if Bool.random(using: &random) { definition.id = WebhookID(Int64(random.next() >> 12 | 1)) }
        definition.name = "],} \" \\ é \(random.next())"
        definition.url = "https://h.example/\(random.next())"
        definition.events = Set(Status.allCases.filter { $0 == .offline || Bool.random(using: &random) })
        return definition
    }

    private func randomChanges(
        of definition: inout WebhookDefinition, using random: inout SeededGenerator
    ) -> [MemberChange] {
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                definition.url = "http://changed/\(random.next() % 10)"
                return .set("url", .string(definition.url))
            case 1:
                definition.description = ["", "a\u{1F600}\"b\\\n\t,", "}"].randomElement(using: &random) ?? ""
                return .set("description", .string(definition.description))
            case 2:
                definition.description = ""
                return .removed("description")
            case 3:
                let words = Status.allCases.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
                definition.events = Set(words)
                return .set("events", .array(words.map { .string($0.rawValue) }))
            default:
                definition.isEnabled = true
                return .removed("enabled")
            }
        }
    }
}

/// A file cut at the edges of its definitions.
private struct Pieces: Equatable {
    struct Member: Equatable {
        let key: String
        let text: [UInt8]
    }

    /// Up to the list, with the bracket.
    private let head: [UInt8]
    private(set) var definitions: [[UInt8]]
    /// What is before each definition, and behind the last.
    private var gaps: [[UInt8]]
    private let tail: [UInt8]

    static let webhooks = ["webhooks"]
    static let tokens = ["control", "http", "tokens"]

    init(of bytes: [UInt8], at keys: [String] = webhooks) throws {
        let list = keys.reduce(try JSONTree(parsing: bytes).root as JSONNode?) { node, key in
            guard case .object(let members)? = node?.value else { return nil }
            return members.first { $0.key == key }?.node
        }
        guard let list, case .array(let elements) = list.value
        else {
            head = bytes
            definitions = []
            gaps = []
            tail = []
            return
        }
        head = Array(bytes[...list.range.lowerBound])
        tail = Array(bytes[(list.range.upperBound - 1)...])
        definitions = elements.map { Array(bytes[$0.range]) }
        let starts = [list.range.lowerBound + 1] + elements.map(\.range.upperBound)
        let ends = elements.map(\.range.lowerBound) + [list.range.upperBound - 1]
        gaps = zip(starts, ends).map { Array(bytes[$0..<$1]) }
    }

    /// Whether the list is there and, if empty, without white space.
    var isListTidy: Bool { gaps.count > 1 || gaps == [[]] }

    /// With the gap before it, or behind the first.
    func without(_ index: Int) -> Pieces {
        var pieces = self
        pieces.definitions.remove(at: index)
        if pieces.definitions.isEmpty {
            pieces.gaps = [[]]
        } else {
            pieces.gaps.remove(at: max(1, index))
        }
        return pieces
    }

    /// All but one definition.
    func around(_ index: Int) -> [[UInt8]] {
        [head] + gaps + definitions.indices.filter { $0 != index }.map { definitions[$0] } + [tail]
    }

    static func members(of definition: [UInt8]) throws -> [Member] {
        guard case .object(let members) = try JSONTree(parsing: definition).root.value else { return [] }
        return members.map { member in
            Member(key: member.key, text: Array(definition[member.keyRange.lowerBound..<member.node.range.upperBound]))
        }
    }
}
