import Core
import Foundation
import TestSupport
import Testing

@testable import PlughookConfiguration

/// What a webhook's connections must be.
@Suite struct TLSKindTests {
    private static let pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try write("ca.pem", mode: 0o644)
        try write("host.pem", mode: 0o644)
        try write("host.key", mode: 0o600)
    }

    private func write(_ name: String, mode: Int) throws {
        let path = directory.path + "/" + name
        try Data("-----BEGIN …".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func requirements(_ tls: String) throws -> TLSRequirements {
        let source = Array(webhook("\"tls\": \(tls)").utf8)
        let configuration = try Configuration(json: source)
            .withKeys(beside: directory.path + "/config.json", source: source, at: WallTime(milliseconds: 0)) { _ in nil
            }
        return configuration.webhooks[0].webhook(id: WebhookID(1)).tls
    }

    private func told(_ tls: String) -> Fault? {
        do {
            _ = try requirements(tls)
            return nil
        } catch {
            return (error as? InvalidConfiguration)?.faults.first
        }
    }

    @Test func all_IsRead_WithThePlacesOfTheFiles() throws {
        let tls = try requirements(
            """
            {"caFile": "ca.pem", "certificateFile": "host.pem", "keyFile": "\(directory.path)/host.key",
             "pins": ["\(Self.pin)"], "minVersion": "1.3"}
            """)
        var expected = TLSRequirements()
        expected.authorities = directory.path + "/ca.pem"
        expected.certificate = directory.path + "/host.pem"
        expected.key = directory.path + "/host.key"
        expected.pins = [Self.pin]
        expected.minimum = .tls13
        #expect(tls == expected)
        #expect(try requirements("{}") == TLSRequirements())
    }

    @Test func key_MayBeInTheCertificatesFile_WhichIsForFewThen() throws {
        #expect(try requirements(#"{"certificateFile": "host.key"}"#).key == directory.path + "/host.key")
        let fault = try #require(told(#"{"certificateFile": "host.pem"}"#))
        #expect(fault.advice == "run: chmod 640 \(directory.path)/host.pem")
    }

    @Test func fileThatCannotBeRead_IsToldAtItsWebhook() throws {
        let fault = try #require(told(#"{"caFile": "none.pem"}"#))
        #expect(fault.pointer == "/webhooks/0/tls")
        #expect(fault.problem == "\(directory.path)/none.pem: there is no such file")
        try write("open.key", mode: 0o644)
        let open = try #require(told(#"{"certificateFile": "host.pem", "keyFile": "open.key"}"#))
        #expect(open.problem.contains("others may read or write"))
    }

    @Test(arguments: [
        (#"{"keyFile": "a"}"#, "/keyFile"), (#"{"pins": []}"#, "/pins"), (#"{"pins": ["x"]}"#, "/pins/0"),
        (#"{"minVersion": "1.1"}"#, "/minVersion"), (#"{"minVersion": 1.2}"#, "/minVersion"), (#"[]"#, ""),
        (#"{"insecure": true}"#, "/insecure"),
    ])
    func wrongWord_IsToldWhereItIs(tls: String, pointer: String) {
        #expect(faults(of: webhook("\"tls\": \(tls)")).map(\.pointer) == ["/webhooks/0/tls" + pointer])
    }

    @Test func plainHTTP_HasNone() {
        let json =
            #"{"webhooks": [{"name": "a", "url": "http://h/", "events": ["online"], "tls": {"minVersion": "1.3"}}]}"#
        #expect(faults(of: json).map(\.pointer) == ["/webhooks/0/tls"])
    }
}
