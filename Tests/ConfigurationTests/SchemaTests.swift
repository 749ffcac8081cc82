import PlughookConfiguration
import Core
import Testing

/// Each key of the published schema, put to the test against what reads the file.
struct SchemaTests {
    /// A key of the schema and where a document has it.
    private struct Key {
        let path: [String]
        let schema: JSONNode
    }

    private static let root: JSONNode? = try? JSONTree(parsing: Array(ConfigurationSchema.text.utf8)).root

    private static func keys(of schema: JSONNode?, under path: [String] = []) -> [Key] {
        guard let schema, case .object(let properties)? = schema["properties"]?.value else { return [] }
        return properties.flatMap { property in
            let here = path + [property.key]
            let inside = keys(of: property.node, under: here) + keys(of: property.node["items"], under: here + ["[]"])
            return [Key(path: here, schema: property.node)] + inside
        }
    }

    /// A document with this value at the path, and beside it what its objects and list elements need.
    private func document(_ value: String, at path: [String]) -> String {
        let needed = [
            "webhooks": [("name", #""a""#), ("url", #""https://h/""#), ("events", #"["online"]"#)],
            "devices": [("udid", #""a""#)], "include": [("vendorId", #""2717""#)], "appium": [("url", #""http://h""#)],
            "tokens": [
                ("name", #""a""#), ("sha256", "\"\(String(repeating: "0", count: 63))1\""),
                ("permissions", #"["device.view"]"#),
            ],
        ]
        var text = value
        for (index, step) in path.enumerated().reversed() {
            if step == "[]" {
                text = "[\(text)]"
            } else {
                let list = index >= 2 && path[index - 1] == "[]" ? needed[path[index - 2]] ?? [] : []
                let object = step == "keyFile" ? [("certificateFile", #""a""#)] : []
                let others = (list + object).filter { $0.0 != step }.map { ", \"\($0.0)\": \($0.1)" }.joined()
                text = "{\"\(step)\": \(text)\(others)}"
            }
        }
        return text
    }

    private func told(_ value: String, at key: Key) -> [String] {
        let pointer = "/" + key.path.map { $0 == "[]" ? "0" : $0 }.joined(separator: "/")
        return faults(of: document(value, at: key.path)).map(\.pointer).filter { $0.hasPrefix(pointer) }
    }

    @Test func schema_isADocumentWithAllSections_whenParsed() throws {
        let tree = try JSONTree(parsing: Array(ConfigurationSchema.text.utf8))
        #expect(tree.duplicates.isEmpty)
        #expect(tree.root["$schema"]?.text == "https://json-schema.org/draft/2020-12/schema")
        #expect(Self.keys(of: tree.root).filter { $0.path.count == 1 }.count == 10)
        #expect(Self.keys(of: tree.root).count > 50)
    }

    @Test func everyKey_isDescribed_whenInTheSchema() {
        for key in Self.keys(of: Self.root) {
            #expect(key.schema["description"]?.text?.isEmpty == false, "\(key.path)")
        }
    }

    @Test func everyObject_isClosed_whenInTheSchema() {
        for key in Self.keys(of: Self.root) where key.schema["properties"] != nil {
            guard case .boolean(false)? = key.schema["additionalProperties"]?.value else {
                Issue.record("\(key.path) is open")
                continue
            }
            #expect(!told(#"{"noSuchKey": 1}"#, at: key).isEmpty)
        }
    }

    @Test func limits_areTheReaders_whenInTheSchema() {
        var count = 0
        for key in Self.keys(of: Self.root) {
            guard let low = key.schema["minimum"]?.integer, let high = key.schema["maximum"]?.integer else { continue }
            count += 1
            #expect(told("\(low - 1)", at: key).count == 1, "\(key.path)")
            #expect(told("\(high + 1)", at: key).count == 1, "\(key.path)")
            #expect(!faults(of: document("\(low)", at: key.path)).contains { $0.problem == "is \(low)" }, "\(key.path)")
            #expect(
                !faults(of: document("\(high)", at: key.path)).contains { $0.problem == "is \(high)" }, "\(key.path)")
        }
        #expect(count == 18)
    }

    @Test func lengths_areTheReaders_whenInTheSchema() {
        for key in Self.keys(of: Self.root) where key.schema["pattern"] == nil {
            guard let low = key.schema["minLength"]?.integer, let high = key.schema["maxLength"]?.integer else {
                continue
            }
            let longest = String(repeating: "a", count: Int(high))
            #expect(told("\"\(longest)\"", at: key).isEmpty, "\(key.path)")
            #expect(told("\"\(longest)a\"", at: key).count == 1, "\(key.path)")
            #expect(told("\"\"", at: key).isEmpty == (low == 0), "\(key.path)")
        }
    }

    @Test func defaults_changeNothing_whenWrittenOut() throws {
        let source = Array(ConfigurationSchema.text.utf8)
        var count = 0
        for key in Self.keys(of: Self.root) {
            guard let value = key.schema["default"] else { continue }
            count += 1
            let text = String(decoding: source[value.range], as: UTF8.self)
            let written = try Configuration(json: Array(document(text, at: key.path).utf8))
            // In a list, the default is compared with the same element without the key.
            let bare = key.path.contains("[]") ? try without(key.path) : try beside(key.path)
            #expect(written == bare, "\(key.path) \(text)")
        }
        #expect(count > 40)
    }

    /// TCP is off unless there is its object, whatever is in it.
    private func beside(_ path: [String]) throws -> Configuration {
        guard path.starts(with: ["control", "http"]) else { return Configuration() }
        return try Configuration(json: Array(#"{"control": {"http": {}}}"#.utf8))
    }

    private func without(_ path: [String]) throws -> Configuration {
        let required = ["webhooks": "name", "devices": "udid", "include": "vendorId"]
        let values = ["name": #""a""#, "udid": #""a""#, "vendorId": #""2717""#]
        let element = try #require(path.lastIndex(of: "[]"))
        let key = try #require(required[path[element - 1]])
        let json = document(try #require(values[key]), at: path[...element] + [key])
        return try Configuration(json: Array(json.utf8))
    }

    @Test func words_areAccepted_whenInTheSchema() {
        for key in Self.keys(of: Self.root) {
            guard case .array(let words)? = key.schema["enum"]?.value else { continue }
            for word in words.compactMap(\.text) {
                // That one wants a file beside it.
                let faults = word == "template" ? 1 : 0
                #expect(told("\"\(word)\"", at: key).count == faults, "\(key.path) \(word)")
            }
            #expect(told("\"noSuchWord\"", at: key).count == 1)
        }
    }

    @Test func readersKeys_areTheSchemas_whenToldInAnAdvice() throws {
        for (path, schema) in [([], Self.root)] + Self.keys(of: Self.root).map({ ($0.path, $0.schema as JSONNode?) }) {
            guard case .object(let properties)? = schema?["properties"]?.value else { continue }
            let advice = faults(of: document("0", at: path + ["%"])).first { $0.pointer.hasSuffix("%") }?.advice
            #expect(
                advice?.hasSuffix("known here are " + properties.map(\.key).joined(separator: ", ")) == true, "\(path)")
        }
    }
}

extension JSONNode {
    fileprivate subscript(_ key: String) -> JSONNode? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.key == key }?.node
    }

    fileprivate var text: String? { if case .string(let text) = value { text } else { nil } }
    fileprivate var integer: Int64? { if case .number(let number) = value { number.integer } else { nil } }
}
