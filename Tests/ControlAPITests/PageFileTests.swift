import Foundation
import NIOHTTP1
import Testing

@testable import ControlAPI

/// The files of the page, whatever is in them.
@Suite struct PageFileTests {
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/ControlAPI/Page")
    }

    @Test func everyFileOfTheFolder_IsServedAsItIs() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        #expect(Set(names) == Set(PageFile.all.keys))
        try await TCP.run([]) { test, tcp async throws in
            for name in names {
                let content = try Data(contentsOf: Self.folder.appending(path: name))
                let reply = try await test.ask(.GET, "/page/\(name)", over: tcp)
                #expect(reply.status == 200 && reply.body == Array(content), "\(name)")
                let type = [
                    "html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml",
                ][String(name.split(separator: ".")[1])]
                #expect(reply.headers["content-type"] == ["\(type ?? "?"); charset=utf-8"])
            }
            let page = try await test.ask(.GET, "/?wall&status=online", over: tcp)
            #expect(page.body == PageFile.all["index.html"]?.content)
        }
    }

    @Test func file_HasWhatKeepsABrowserSafe() async throws {
        try await TCP.run([]) { test, tcp async throws in
            let reply = try await test.ask(.GET, "/", over: tcp)
            let expected = [
                "cache-control": "no-cache", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
                "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
                "vary": "Accept-Encoding",
                "content-security-policy":
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            ]
            for (name, value) in expected { #expect(reply.headers[name] == [value]) }
            #expect(reply.headers["access-control-allow-origin"].isEmpty)
            // A problem is no page of ours either.
            let problem = try await test.ask(.GET, "/page/x", over: tcp)
            #expect(problem.status == 404)
            #expect(problem.headers["x-content-type-options"] == ["nosniff"])
        }
    }

    @Test func browserThatHasIt_IsToldSo_InEitherForm() async throws {
        try await TCP.run([]) { test, tcp async throws in
            for coding in ["identity", "gzip"] {
                func ask(_ have: String) async throws -> Reply {
                    try await test.ask(
                        .GET, "/", headers: ["accept-encoding": coding, "if-none-match": have], over: tcp)
                }
                let reply = try await ask(#""other""#)
                let tag = try #require(reply.headers.first(name: "etag"))
                #expect(reply.status == 200)
                #expect(tag.wholeMatch(of: /"[0-9a-f]{64}(-gzip)?"/) != nil)
                for have in [tag, "W/\(tag)", "\"a\", \(tag)", "*"] {
                    let again = try await ask(have)
                    #expect(again.status == 304 && again.body.isEmpty, "\(have)")
                    #expect(again.headers["etag"] == [tag])
                }
                #expect(try await ask(tag.replacing("\"", with: "")).status == 200)
            }
        }
    }

    @Test(arguments: [
        ("gzip", true), ("br, GZIP;q=0.5", true), ("deflate,gzip ; q=1", true), ("gzip;q=0", false), ("br", false),
        ("", false), ("xgzip", false), ("gzip;q=x", false),
    ])
    func file_IsCompressedWhereThatIsTaken(_ accepted: String, _ isTaken: Bool) async throws {
        try await TCP.run([]) { test, tcp async throws in
            let content = try #require(PageFile.all["index.html"]?.content)
            for method in [HTTPMethod.GET, .HEAD] {
                let reply = try await test.ask(method, "/", headers: ["accept-encoding": accepted], over: tcp)
                #expect(reply.headers["content-encoding"] == (isTaken ? ["gzip"] : []))
                let length = try #require(Int(reply.headers.first(name: "content-length") ?? ""))
                #expect(isTaken ? length < content.count : length == content.count)
                #expect(reply.body.count == (method == .GET ? length : 0))
            }
        }
    }

    @Test func whatDoesNotGetShorter_IsNotCompressed() throws {
        #expect(PageFile(type: "", content: Array("x".utf8)).compressed == nil)
        #expect(PageFile(type: "", content: []).compressed == nil)
        let long = PageFile(type: "", content: Array(repeating: 7, count: 300_000))
        #expect(try #require(long.compressed).count < 1_000)
    }

    @Test(arguments: [
        "/page/../v1/devices", "/page/..%2f..%2fetc%2fpasswd", "/page/%2e%2e", "/page/.", "/page/main.js%00",
        "/page/index.html/", "/page/a/b", "/page/INDEX.HTML", "/index.html", "/favicon.ico",
    ])
    func whatIsNoFileOfThePage_IsNotServed(_ path: String) async throws {
        try await TCP.run([try TCP.token("ci")]) { test, tcp async throws in
            let reply = try await test.ask(.GET, path, over: tcp)
            #expect(path == "/page/index.html/" ? reply.status == 200 : reply.status == 404, "\(reply.status)")
        }
    }

    @Test func socket_HasNoPage() async throws {
        try await TestServer.run { test async throws in
            for path in ["/", "/page/index.html", "/page/session"] {
                #expect(try await test.ask(.GET, path).status == 404)
            }
            #expect(try await test.ask(.POST, "/page/session", json: "{}").status == 404)
            #expect(try await test.ask(.DELETE, "/page/session").status == 404)
        }
    }

    @Test func onlyGetAndHead_AreAnswered() async throws {
        try await TCP.run([]) { test, tcp async throws in
            for method in [HTTPMethod.POST, .PUT, .DELETE, .OPTIONS] {
                let reply = try await test.ask(method, "/", over: tcp)
                #expect(reply.status == 405 && reply.headers["allow"] == ["GET, HEAD"])
            }
        }
    }
}
