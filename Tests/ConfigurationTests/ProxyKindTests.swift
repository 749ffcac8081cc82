import Core
import Foundation
import PlughookConfiguration
import TestSupport
import Testing

@Suite struct ProxyKindTests {
    private func ways(_ delivery: String, _ webhook: String) throws -> ProxyChoice {
        let directory = try TemporaryDirectory()
        let json =
            #"{"delivery": {\#(delivery)}, "webhooks": [{"name": "a", "url": "http://h/", "events": ["online"]\#(webhook)}]}"#
        let path = directory.path + "/config.json"
        try json.write(toFile: path, atomically: true, encoding: .utf8)
        let configuration = try ConfigurationFile.load(path: path)
        return configuration.webhooks[0].webhook(id: WebhookID(1)).proxy
    }

    @Test func proxy_IsTheWebhooks_OrElseTheHosts() throws {
        let host = #""proxy": "http://proxy.example.com:3128""#
        #expect(try ways("", "") == .none)
        #expect(try ways(host, "") == .url("http://proxy.example.com:3128"))
        #expect(try ways(host, #", "proxy": "host""#) == .url("http://proxy.example.com:3128"))
        #expect(try ways(host, #", "proxy": "none""#) == .none)
        #expect(try ways("", #", "proxy": "environment""#) == .environment)
        #expect(try ways(#""proxy": "environment""#, #", "proxy": "https://p:1/""#) == .url("https://p:1/"))
    }

    @Test(arguments: [
        ("proxy.example.com", "is no proxy"), ("socks5://p:1080", "does not start with http://"),
        ("http://user:secret@p:3128", "has user information before the host"), ("http://p:3128/x", "has a path"),
        ("http://p:3128?x", "has a path"), ("host", "is no proxy"), ("http://", "host"),
    ])
    func wrongWord_IsTold(word: String, problem: String) throws {
        let fault = try #require(faults(of: #"{"delivery": {"proxy": "\#(word)"}}"#).first)
        #expect(fault.pointer == "/delivery/proxy")
        #expect(fault.problem.contains(problem), "\(fault)")
        #expect(!fault.problem.contains("secret"))
    }
}
